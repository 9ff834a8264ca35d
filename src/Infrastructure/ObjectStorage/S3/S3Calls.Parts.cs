using System.Globalization;
using Amazon.S3;
using Amazon.S3.Model;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <content>Requests about objects of parts.</content>
internal sealed partial class S3Calls
{
    private const int Looks = 4;

    /// <summary>Begins an object of parts.</summary>
    /// <returns>The server's name for it.</returns>
    public Task<string> Begin(string name, CancellationToken cancel) => Ask(
        async limit => (await client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest
            {
                BucketName = settings.Bucket,
                Key = name,
                ContentType = "application/octet-stream",
            },
            limit)).UploadId,
        cancel);

    /// <summary>Stores one part; the same number again replaces it.</summary>
    public Task<StoredPart> PutPart(string name, string multipart, int number, Spool body, CancellationToken cancel) => Ask(
        async limit =>
        {
            var reply = await client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = settings.Bucket,
                    Key = name,
                    UploadId = multipart,
                    PartNumber = number,
                    PartSize = body.Length,
                    InputStream = body.Open(),
                    MD5Digest = body.Md5,
                },
                limit);
            return new StoredPart(
                number, body.Length, Compared(Bare(reply.ETag), body, reply.ServerSideEncryptionMethod), []);
        },
        cancel, body.Length);

    /// <summary>
    /// Makes one object of the parts. A completion whose answer was lost has happened: the server then knows the parts no
    /// more, which it also says when they were given up. Only the object itself decides.
    /// </summary>
    /// <returns>The object's tag.</returns>
    public async Task<string> Complete(
        string name, string multipart, IReadOnlyCollection<(int Number, string ETag)> parts, long sizeBytes, CancellationToken cancel)
    {
        try
        {
            await Ask(
                limit => client.CompleteMultipartUploadAsync(
                    new CompleteMultipartUploadRequest
                    {
                        BucketName = settings.Bucket,
                        Key = name,
                        UploadId = multipart,
                        PartETags = [.. parts.Select(part => new PartETag(part.Number, part.ETag))],
                    },
                    limit),
                cancel, sizeBytes / 64);
        }
        catch (AmazonS3Exception unknown) when (S3Faults.IsMissing(unknown))
        {
            // Not "complete": asked below.
        }

        // A server that does not find what it has made a moment ago is asked again.
        var whole = await Find(name, cancel);
        for (var looks = 1; whole is null && looks < Looks; looks++)
        {
            await Task.Delay(Waits.After(looks), cancel);
            whole = await Find(name, cancel);
        }

        if (whole is null)
            throw new IOException("The server does not know the parts of the object any more, and the object is not there.");
        return whole.SizeBytes == sizeBytes
            ? whole.ETag
            : throw new IOException($"The object has {whole.SizeBytes} bytes in the bucket, and not the {sizeBytes} that were sent.");
    }

    /// <summary>What the server has of an object of parts, in the order of the numbers.</summary>
    /// <param name="page">How many to ask for at a time.</param>
    public async Task<List<GrowthPart>> Parts(string name, string multipart, CancellationToken cancel, int page = 1_000)
    {
        var found = new List<GrowthPart>();
        var ask = new ListPartsRequest { BucketName = settings.Bucket, Key = name, UploadId = multipart, MaxParts = page };
        while (true)
        {
            var some = await Ask(limit => client.ListPartsAsync(ask, limit), cancel);
            List<PartDetail> parts = some.Parts ?? [];
            found.AddRange(parts.Select(one => new GrowthPart(one.PartNumber ?? 0, one.Size ?? 0, Bare(one.ETag), Counts: false)));
            if (some.IsTruncated != true || parts.Count == 0)
                return found;
            // Servers differ in what they say comes next, and not in the order.
            ask.PartNumberMarker = found[^1].Number.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Stores a range of another object as a part, within the server.</summary>
    /// <param name="at">Where in the other object it begins.</param>
    /// <param name="part">What it must be: its size and tag.</param>
    /// <returns>The new part's tag.</returns>
    public Task<string> CopyPart(
        string from, long at, GrowthPart part, string name, string multipart, int number, CancellationToken cancel) => Ask(
        async limit =>
        {
            var reply = await client.CopyPartAsync(
                new CopyPartRequest
                {
                    SourceBucket = settings.Bucket,
                    SourceKey = from,
                    FirstByte = at,
                    LastByte = at + part.SizeBytes - 1,
                    DestinationBucket = settings.Bucket,
                    DestinationKey = name,
                    UploadId = multipart,
                    PartNumber = number,
                },
                limit);
            var etag = Bare(reply.ETag);
            return etag == part.ETag || IsOfKeyService(reply.ServerSideEncryptionMethod) ? etag : throw Changed();
        },
        cancel, part.SizeBytes);

    /// <summary>Gives up an object of parts; one that is not there is no error.</summary>
    public Task Abort(string name, string multipart, CancellationToken cancel) => Ask(
        async limit =>
        {
            try
            {
                await client.AbortMultipartUploadAsync(settings.Bucket, name, multipart, limit);
            }
            catch (AmazonS3Exception gone) when (S3Faults.IsMissing(gone))
            {
                // By another try, or completed.
            }

            return true;
        },
        cancel);

    /// <summary>The objects of parts that are under way under names with this beginning.</summary>
    public async Task<List<(string Name, string Multipart, DateTimeOffset BegunAt)>> Unfinished(
        string beginning, CancellationToken cancel)
    {
        var found = new List<(string, string, DateTimeOffset)>();
        var ask = new ListMultipartUploadsRequest { BucketName = settings.Bucket, Prefix = beginning };
        while (true)
        {
            var page = await Ask(limit => client.ListMultipartUploadsAsync(ask, limit), cancel);
            found.AddRange((page.MultipartUploads ?? []).Select(one => (one.Key, one.UploadId, Time(one.Initiated))));
            if (page.IsTruncated != true)
                return found;
            (ask.KeyMarker, ask.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }
}
