using Amazon.S3;
using Amazon.S3.Model;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>Makes sure, once, that the bucket is there and ours.</summary>
internal sealed class S3Bucket(S3Settings settings, S3Calls calls, S3Names names, ObjectRows rows)
{
    private readonly Lock gate = new();
    private Task? ready;

    /// <summary>Done when objects can be stored. What failed is tried anew by the next who asks.</summary>
    /// <exception cref="S3SettingsException">A setting is wrong, or the bucket belongs to another installation.</exception>
    public Task Ready(CancellationToken cancel)
    {
        lock (gate)
        {
            if (ready is null or { IsFaulted: true } or { IsCanceled: true })
                ready = Prepare();
            return ready.WaitAsync(cancel);
        }
    }

    private async Task Prepare()
    {
        if (settings.Mistakes() is { Count: > 0 } mistakes)
            throw new S3SettingsException(string.Join(' ', mistakes));
        if (!await IsThere())
            await Create();
        await Claim();
    }

    // A list and not a look at the bucket: the answer to the latter has no code that says what is wrong.
    private async Task<bool> IsThere()
    {
        try
        {
            await calls.Ask(
                limit => calls.Client.ListObjectsV2Async(
                    new ListObjectsV2Request { BucketName = settings.Bucket, Prefix = names.Owner, MaxKeys = 1 }, limit),
                CancellationToken.None);
            return true;
        }
        catch (S3SettingsException missing) when (
            settings.CreateBucket && missing.InnerException is AmazonS3Exception { ErrorCode: "NoSuchBucket" })
        {
            return false;
        }
    }

    private Task<bool> Create() => calls.Ask(
        async limit =>
        {
            try
            {
                await calls.Client.PutBucketAsync(
                    new PutBucketRequest { BucketName = settings.Bucket, UseClientRegion = true }, limit);
                return true;
            }
            catch (AmazonS3Exception made) when (made.ErrorCode == "BucketAlreadyOwnedByYou")
            {
                return false;
            }
            catch (AmazonS3Exception denied) when (denied.ErrorCode is "AccessDenied" or "BucketAlreadyExists" or "TooManyBuckets")
            {
                throw new S3SettingsException(
                    $"There is no bucket {settings.Bucket} that this access key may use, and it may not make one ({denied.ErrorCode}): "
                    + "make the bucket and let the key read, write, list and delete in it, or look at S3_BUCKET.",
                    denied);
            }
        },
        CancellationToken.None);

    // Two installations in one place would take each other's objects for left-over ones.
    private async Task Claim()
    {
        var mine = (await rows.Installation(CancellationToken.None)).ToString();
        if (await Owner() is { } owner ? owner == mine : await TryClaim(mine) || await Owner() == mine)
            return;
        throw new S3SettingsException(
            $"The bucket {settings.Bucket}{(settings.Prefix.Length == 0 ? "" : $", prefix {settings.Prefix},")} holds the objects of another "
            + $"installation (it says so in {names.Owner}): set another S3_BUCKET or S3_PREFIX, or the database that belongs to it.");
    }

    private async Task<string?> Owner()
    {
        try
        {
            return await calls.Ask(
                async limit =>
                {
                    using var reply = await calls.Client.GetObjectAsync(settings.Bucket, names.Owner, limit);
                    using var reader = new StreamReader(reply.ResponseStream);
                    return await reader.ReadToEndAsync(limit);
                },
                CancellationToken.None);
        }
        catch (AmazonS3Exception missing) when (S3Faults.IsMissing(missing))
        {
            return null;
        }
    }

    private Task<bool> TryClaim(string mine) => calls.Ask(
        async limit =>
        {
            try
            {
                await calls.Client.PutObjectAsync(
                    new PutObjectRequest { BucketName = settings.Bucket, Key = names.Owner, ContentBody = mine, IfNoneMatch = "*" }, limit);
                return true;
            }
            catch (AmazonS3Exception taken) when (S3Faults.IsConditionFailed(taken))
            {
                return false;
            }
        },
        CancellationToken.None);
}
