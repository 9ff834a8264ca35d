using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using EventFiles.Infrastructure.Clocks;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>A name in the bucket.</summary>
internal sealed record StoredName(string Name, long SizeBytes, string ETag, DateTimeOffset ModifiedAt);

/// <summary>
/// Requests to the server. Each has a limit of time and is tried again when that may help: the client library's own tries
/// know nothing of a reply that was lost after its effect.
/// </summary>
internal sealed partial class S3Calls : IDisposable
{
    private const int Tries = 5;

    private static readonly Backoff Waits = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));

    private readonly AmazonS3Client client;
    private readonly S3Settings settings;
    private readonly TimeProvider clock;

    [SuppressMessage("Reliability", "CA2000", Justification = "The client owns it.")]
    public S3Calls(S3Settings settings, TimeProvider clock)
    {
        (this.settings, this.clock) = (settings, clock);
        client = new AmazonS3Client(new BasicAWSCredentials(settings.AccessKey, settings.SecretKey), new AmazonS3Config
        {
            ServiceURL = settings.Endpoint.AbsoluteUri,
            AuthenticationRegion = settings.Region,
            ForcePathStyle = settings.ForcePathStyle,
            // Older servers do not know sums in trailers and fail on them; every body of ours bears its MD5.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            Timeout = Timeout.InfiniteTimeSpan,
            HttpClientFactory = new S3Connections(settings),
        });
    }

    /// <summary>The library's client, for what is asked once.</summary>
    public IAmazonS3 Client => client;

    /// <summary>
    /// Writes where nothing is. A name is written once: when something is there already, a request wrote it whose answer was
    /// lost, and its size and tag say whether it stored the same.
    /// </summary>
    /// <returns>The tag.</returns>
    public Task<string> Put(string name, Spool body, CancellationToken cancel) => Ask(
        async limit =>
        {
            try
            {
                var reply = await client.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = settings.Bucket,
                        Key = name,
                        InputStream = body.Open(),
                        ContentType = "application/octet-stream",
                        MD5Digest = body.Md5,
                        IfNoneMatch = "*",
                    },
                    limit);
                return Compared(Bare(reply.ETag), body, reply.ServerSideEncryptionMethod);
            }
            catch (AmazonS3Exception taken) when (S3Faults.IsConditionFailed(taken))
            {
                // That it is there, and what it is, may come to be known one after the other.
                var there = await Head(name, limit)
                    ?? throw new IOException("The server says of a name both that it is taken and that nothing is there.", taken);
                return there.ContentLength == body.Length
                    ? Compared(Bare(there.ETag), body, there.ServerSideEncryptionMethod)
                    : throw Changed();
            }
        },
        cancel, body.Length);

    /// <summary>The bytes from one place up to before another, as long as they are those with this tag.</summary>
    public Task<GetObjectResponse> Get(string name, string etag, long from, long until, CancellationToken cancel) => Ask(
        limit => client.GetObjectAsync(
            new GetObjectRequest
            {
                BucketName = settings.Bucket,
                Key = name,
                ByteRange = new ByteRange(from, until - 1),
                EtagToMatch = $"\"{etag}\"",
            },
            limit),
        cancel);

    /// <summary>What is under this very name; null when nothing is.</summary>
    public async Task<StoredName?> Find(string name, CancellationToken cancel) =>
        await Ask(limit => Head(name, limit), cancel) is { } there
            ? new StoredName(name, there.ContentLength, Bare(there.ETag), Time(there.LastModified))
            : null;

    /// <summary>Removes a name; one that is not there is no error.</summary>
    public Task Delete(string name, CancellationToken cancel) => Ask(
        async limit =>
        {
            try
            {
                return await client.DeleteObjectAsync(settings.Bucket, name, limit);
            }
            catch (AmazonS3Exception gone) when (S3Faults.IsMissing(gone))
            {
                return null;
            }
        },
        cancel);

    /// <summary>The names with this beginning, in pages of a thousand.</summary>
    public async IAsyncEnumerable<List<StoredName>> List(
        string beginning, [EnumeratorCancellation] CancellationToken cancel)
    {
        var ask = new ListObjectsV2Request { BucketName = settings.Bucket, Prefix = beginning };
        while (true)
        {
            var page = await Ask(limit => client.ListObjectsV2Async(ask, limit), cancel);
            yield return
            [
                .. (page.S3Objects ?? []).Select(one => new StoredName(one.Key, one.Size ?? 0, Bare(one.ETag), Time(one.LastModified))),
            ];
            if (page.IsTruncated != true)
                yield break;
            ask.ContinuationToken = page.NextContinuationToken;
        }
    }

    /// <summary>Tries until it succeeds, cannot succeed, or was tried often enough.</summary>
    /// <param name="bytes">How much is sent: what takes long may take longer.</param>
    public async Task<T> Ask<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancel, long bytes = 0)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var longest = settings.Patience + TimeSpan.FromSeconds(bytes / settings.LeastBytesPerSecond);
        for (var failures = 1; ; failures++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(longest);
            SignByTheNodesTime();
            try
            {
                return await call(limit.Token);
            }
            catch (Exception failure) when (!cancel.IsCancellationRequested)
            {
                var isLast = failures == Tries || TimeProvider.System.GetElapsedTime(begun) > longest * 2;
                var isSignedWrong = S3Faults.IsTimeWrong(failure) || (bytes > 0 && S3Faults.IsSignatureWrong(failure));
                if (!S3Faults.MayPass(failure) && (isLast || !isSignedWrong))
                    throw S3Faults.Explain(failure, settings);
                if (isLast)
                    throw Unreachable(failure);
                await Task.Delay(Waits.After(failures), cancel);
            }
        }
    }

    /// <summary>How long one may wait for the next bytes of an answer.</summary>
    public CancellationTokenSource Limit(CancellationToken cancel)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(settings.Patience);
        return limit;
    }

    public void Dispose() => client.Dispose();

    /// <summary>What is told when all tries failed.</summary>
    public IOException Unreachable(Exception last) => new ObjectStoreAwayException(
        last is AmazonServiceException { StatusCode: >= HttpStatusCode.Continue } answered
            ? $"The S3 server at {settings.Endpoint.Authority} answers {(int)answered.StatusCode} {answered.ErrorCode}."
            : $"The S3 server at {settings.Endpoint.Authority} (S3_ENDPOINT) does not answer.",
        last);

    // A server takes nothing that is signed for another quarter of an hour. The library goes by the machine's clock, and can
    // be told for all its clients alike how far that is off.
    private void SignByTheNodesTime() =>
        AWSConfigs.ManualClockCorrection = clock is NodeTime { Trouble: not null } own ? -own.Ahead : null;

    private async Task<GetObjectMetadataResponse?> Head(string name, CancellationToken limit)
    {
        try
        {
            return await client.GetObjectMetadataAsync(settings.Bucket, name, limit);
        }
        catch (AmazonS3Exception missing) when (S3Faults.IsMissing(missing))
        {
            return null;
        }
    }

    // With keys of a key service, the tag is no digest. A server that was given a digest has compared it itself as well.
    private static string Compared(string etag, Spool body, ServerSideEncryptionMethod? encryption) =>
        etag.Length != 32 || body.IsTagged(etag) || IsOfKeyService(encryption)
            ? etag
            : throw Changed();

    private static bool IsOfKeyService(ServerSideEncryptionMethod? encryption) =>
        encryption?.Value.StartsWith("aws:", StringComparison.Ordinal) == true;

    private static IOException Changed() => new("What the S3 server has stored is not what it was sent.");

    private static string Bare(string? etag) => (etag ?? "").Trim('"');

    private static DateTimeOffset Time(DateTime? at) =>
        at is { } moment ? new DateTimeOffset(moment.ToUniversalTime()) : DateTimeOffset.MinValue;
}
