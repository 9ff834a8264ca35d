using System.Globalization;
using System.Text;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>Which S3 server keeps the objects, and as whom. Messages name the variables that an operator sets.</summary>
public sealed record S3Settings
{
    /// <summary>The server's address, such as <c>https://s3.example.org</c> (<c>S3_ENDPOINT</c>).</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>What requests are signed for (<c>S3_REGION</c>). Servers without regions accept any.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary><c>S3_ACCESS_KEY</c>.</summary>
    public required string AccessKey { get; init; }

    /// <summary><c>S3_SECRET_KEY</c>.</summary>
    public required string SecretKey { get; init; }

    /// <summary><c>S3_BUCKET</c>.</summary>
    public required string Bucket { get; init; }

    /// <summary>
    /// The bucket in the path and not in the host's name (<c>S3_FORCE_PATH_STYLE</c>): what servers need whose name does not
    /// resolve with a bucket before it.
    /// </summary>
    public bool ForcePathStyle { get; init; } = true;

    /// <summary>The beginning of all names in the bucket, for one that is shared (<c>S3_PREFIX</c>).</summary>
    public string Prefix { get; init; } = "";

    /// <summary>A bucket that is not there is made at the start (<c>S3_CREATE_BUCKET</c>).</summary>
    public bool CreateBucket { get; init; } = true;

    /// <summary>A PEM file of the authorities that are believed besides the system's (<c>S3_CA_FILE</c>).</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>
    /// Readers may be sent to the server itself, with an address that is valid for a while (<c>S3_PRESIGNED_READS</c>). Not
    /// where what the server keeps is encrypted by us.
    /// </summary>
    public bool PresignedReads { get; init; }

    /// <summary>
    /// Clients may send parts of what they upload to the server itself (<c>DIRECT_UPLOADS</c>). Not where what the server
    /// keeps is encrypted by us.
    /// </summary>
    public bool DirectUploads { get; init; }

    /// <summary>The server's address as clients know it (<c>S3_PUBLIC_ENDPOINT</c>); null: the same as ours.</summary>
    public Uri? PublicEndpoint { get; init; }

    /// <summary>How long an answer, or the next bytes of one, may take; sending a large body may take longer.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whoever sends or copies a body slower than this is taken for stuck.</summary>
    internal double LeastBytesPerSecond { get; init; } = 128 * 1024;

    /// <summary>All that is wrong with these settings, each with the name of its variable.</summary>
    public IReadOnlyList<string> Mistakes()
    {
        var mistakes = new List<string>();
        if (Endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" })
            mistakes.Add("S3_ENDPOINT must be an address that begins with http:// or https://, without a user or password.");
        if (PublicEndpoint is not null and not { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" })
            mistakes.Add("S3_PUBLIC_ENDPOINT must be an address that begins with http:// or https://, without a user or password.");
        if (string.IsNullOrWhiteSpace(Region))
            mistakes.Add("S3_REGION must not be empty; a server without regions accepts us-east-1.");
        if (string.IsNullOrWhiteSpace(AccessKey))
            mistakes.Add("S3_ACCESS_KEY must not be empty.");
        if (string.IsNullOrWhiteSpace(SecretKey))
            mistakes.Add("S3_SECRET_KEY must not be empty.");
        if (Bucket is not { Length: >= 3 and <= 63 } || !Bucket.All(IsOfNames))
            mistakes.Add("S3_BUCKET must be 3 to 63 characters of a-z, 0-9, '-' and '.'.");
        if (Prefix.Length > 200 || !Prefix.All(letter => IsOfNames(letter) || letter is '_' or '/'))
            mistakes.Add("S3_PREFIX must be at most 200 characters of a-z, 0-9, '-', '_', '.' and '/'.");
        if (AuthoritiesFile is { } file && !File.Exists(file))
            mistakes.Add("S3_CA_FILE names a file that is not there.");
        return mistakes;
    }

    // What logs and errors show of a record: never who may use the bucket, nor how.
    private bool PrintMembers(StringBuilder text)
    {
        var server = Endpoint is { IsAbsoluteUri: true } ? Endpoint.Authority : "none";
        text.Append(CultureInfo.InvariantCulture, $"{nameof(Endpoint)} = {server}, {nameof(Region)} = {Region}, ")
            .Append(CultureInfo.InvariantCulture, $"{nameof(Bucket)} = {Bucket}, {nameof(Prefix)} = {Prefix}");
        return true;
    }

    private static bool IsOfNames(char letter) =>
        char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.';
}

/// <summary>The S3 server cannot be used as it is set; the message says which setting to look at, for an operator.</summary>
public sealed class S3SettingsException(string why, Exception? inner = null) : Exception(why, inner);
