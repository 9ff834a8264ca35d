using System.Net;
using System.Security.Authentication;
using Amazon.Runtime;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>What went wrong with a request, and what follows from it.</summary>
internal static class S3Faults
{
    /// <summary>
    /// Whether the same request may succeed a moment later. Bytes that changed on the way are among these, for which servers
    /// have several codes.
    /// </summary>
    public static bool MayPass(Exception failure) => failure switch
    {
        AmazonServiceException { ErrorCode: "NotImplemented" } => false,
        AmazonServiceException { StatusCode: >= HttpStatusCode.InternalServerError } => true,
        AmazonServiceException { StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout } => true,
        AmazonServiceException
        {
            ErrorCode: "BadDigest" or "XAmzContentSHA256Mismatch" or "IncompleteBody" or "MalformedXML" or "RequestTimeout"
                or "SlowDown" or "OperationAborted",
        } => true,
        _ when IsUnbelieved(failure) => false,
        AmazonServiceException answered => answered.StatusCode < HttpStatusCode.Continue,
        AmazonClientException or HttpRequestException or IOException or TimeoutException or OperationCanceledException => true,
        _ => false,
    };

    /// <summary>The failure as an operator needs to hear it, where a setting is to blame; else the failure itself.</summary>
    public static Exception Explain(Exception failure, S3Settings settings)
    {
        var why = failure switch
        {
            AmazonServiceException answered => answered.ErrorCode switch
            {
                "InvalidAccessKeyId" => "The S3 server does not know the access key: look at S3_ACCESS_KEY.",
                "SignatureDoesNotMatch" =>
                    "The secret key does not belong to the access key: look at S3_SECRET_KEY (or S3_REGION, or what changes "
                    + "the Host header between here and the server).",
                "RequestTimeTooSkewed" => "This machine's clock and the S3 server's differ too much: set the clocks.",
                "AuthorizationHeaderMalformed" or "PermanentRedirect" or "IllegalLocationConstraintException"
                    or "InvalidLocationConstraint" or "InvalidRegionName" =>
                    $"The bucket {settings.Bucket} is not in the region {settings.Region}: look at S3_REGION and S3_ENDPOINT.",
                "NoSuchBucket" =>
                    $"There is no bucket {settings.Bucket}: make it, or let S3_CREATE_BUCKET make it at the start, or look at S3_BUCKET.",
                "AccessDenied" =>
                    $"The S3 server denies it: the access key may not read, write, list and delete in the bucket {settings.Bucket} "
                    + "(S3_BUCKET), or the bucket is somebody else's.",
                "InvalidBucketName" => "The S3 server does not take the bucket's name: look at S3_BUCKET.",
                "NotImplemented" => "The S3 server lacks a function that is needed: writing only where nothing is, or multipart uploads.",
                _ => null,
            },
            _ when IsUnbelieved(failure) =>
                "The S3 server's certificate is not believed: look at S3_ENDPOINT and S3_CA_FILE.",
            _ => null,
        };
        return why is null ? failure : new S3SettingsException(why, failure);
    }

    /// <summary>
    /// The signature is wrong. Of a body too, since its pieces are signed: so it is what some servers say of changed bytes.
    /// </summary>
    public static bool IsSignatureWrong(Exception failure) =>
        failure is AmazonServiceException { ErrorCode: "SignatureDoesNotMatch" };

    /// <summary>It was signed for another time: this machine's clock was set between a look at it and the next.</summary>
    public static bool IsTimeWrong(Exception failure) =>
        failure is AmazonServiceException { ErrorCode: "RequestTimeTooSkewed" };

    /// <summary>The server has answered, and the answer is that it is not there.</summary>
    public static bool IsMissing(Exception failure) => failure is AmazonServiceException
    {
        StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket",
    };

    /// <summary>A write that asked for nothing to be there, or a read for one version: it is otherwise.</summary>
    public static bool IsConditionFailed(Exception failure) =>
        failure is AmazonServiceException { StatusCode: HttpStatusCode.PreconditionFailed };

    /// <summary>A read of what was stored: there is less. Some servers find that out before they compare tags.</summary>
    public static bool IsBeyondEnd(Exception failure) =>
        failure is AmazonServiceException { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable };

    private static bool IsUnbelieved(Exception? failure)
    {
        while (failure is not (null or AuthenticationException))
            failure = failure.InnerException;
        return failure is not null;
    }
}
