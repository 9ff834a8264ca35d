using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// Signs addresses for clients, for the name under which clients know the server: that name is part of what is signed.
/// Sends nothing itself.
/// </summary>
internal sealed class S3Signer : IDisposable
{
    private readonly AmazonS3Client client;
    private readonly S3Settings settings;
    private readonly Uri endpoint;

    public S3Signer(S3Settings settings)
    {
        this.settings = settings;
        endpoint = settings.PublicEndpoint ?? settings.Endpoint;
        client = new AmazonS3Client(new BasicAWSCredentials(settings.AccessKey, settings.SecretKey), new AmazonS3Config
        {
            ServiceURL = endpoint.AbsoluteUri,
            AuthenticationRegion = settings.Region,
            ForcePathStyle = settings.ForcePathStyle,
        });
    }

    /// <summary>Where an object can be read.</summary>
    public async Task<Uri> Read(string name, DateTimeOffset until, string contentType, string disposition) =>
        new(await client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = settings.Bucket,
            Key = name,
            Verb = HttpVerb.GET,
            Protocol = Scheme,
            Expires = until.UtcDateTime,
            ResponseHeaderOverrides = { ContentType = contentType, ContentDisposition = disposition },
        }));

    /// <summary>Where one part of an object can be put, with this very number of bytes: the length is signed along.</summary>
    public async Task<Uri> Part(string name, string multipart, DirectPart part, DateTimeOffset until) =>
        new(await client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = settings.Bucket,
            Key = name,
            Verb = HttpVerb.PUT,
            Protocol = Scheme,
            UploadId = multipart,
            PartNumber = part.Number,
            Expires = until.UtcDateTime,
            Headers = { ContentLength = part.SizeBytes },
        }));

    public void Dispose() => client.Dispose();

    private Protocol Scheme => endpoint.Scheme == "http" ? Protocol.HTTP : Protocol.HTTPS;
}
