using Amazon.S3;
using Amazon.S3.Model;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>Addresses at which the server itself hands out an object.</summary>
internal sealed class S3Presigner(S3Settings settings, S3Calls calls, S3Names names, ObjectRows rows, TimeProvider clock) : IPresignedReads
{
    /// <inheritdoc/>
    public async Task<Uri?> Address(
        ObjectKey key, TimeSpan life, string contentType, string disposition, CancellationToken cancel)
    {
        ObjectPath.Require(key);
        if (await rows.Sealed(key, cancel) is not { } row)
            return null;
        return new Uri(await calls.Client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = settings.Bucket,
            Key = names.Of(key, row.Write, row.Piece),
            Verb = HttpVerb.GET,
            Protocol = settings.Endpoint.Scheme == "http" ? Protocol.HTTP : Protocol.HTTPS,
            Expires = (clock.GetUtcNow() + life).UtcDateTime,
            ResponseHeaderOverrides = { ContentType = contentType, ContentDisposition = disposition },
        }));
    }
}
