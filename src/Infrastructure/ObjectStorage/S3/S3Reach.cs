using Amazon.S3.Model;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>Asks the server for the bucket's first name, once and without patience.</summary>
internal sealed class S3Reach(S3Settings settings, S3Calls calls, S3Names names) : IDependency
{
    public string Name => "objects";

    public Task Ask(CancellationToken cancel) => calls.Client.ListObjectsV2Async(
        new ListObjectsV2Request { BucketName = settings.Bucket, Prefix = names.Owner, MaxKeys = 1 }, cancel);
}
