using FluentValidation;
using MediatR;

namespace EventFiles.Features.Share;

/// <summary>The owner makes a public link to a file.</summary>
/// <param name="Password">Asked of whoever opens the link; null for none.</param>
/// <param name="Role">Viewer, or null for the same.</param>
public sealed record CreateLink(
    Caller By, FileId File, string? Password, DateTimeOffset? Until, int? MaxDownloads, LinkRole? Role)
    : IRequest<Answer<CreatedLink>>, IAsked
{
    /// <summary>Download, or null for the same: files are brought into folders alone.</summary>
    public LinkAccess? Access { get; init; }
}

/// <summary>The links of a file, oldest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListLinks(Caller By, FileId File, string? Cursor, int Limit)
    : IRequest<Answer<Page<LinkView>>>, IAsked;

/// <summary>The owner takes a link back.</summary>
public sealed record RevokeLink(Caller By, LinkId Link) : IRequest<Answer<Done>>, IAsked;

/// <summary>A link is no more: neither is its password's hash.</summary>
public sealed record ForgetLinkPassword(LinkId Link, AccountId Owner) : IWork;

/// <summary>What a link leads to.</summary>
public sealed record ReadLink(LinkVisit Visit) : IRequest<Answer<LinkTarget>>;

/// <summary>The bytes a link leads to.</summary>
/// <param name="Offset">The first byte asked for. From 0 on it is a download of its own.</param>
/// <param name="IfRange">The If-Range header, if any.</param>
public sealed record DownloadLink(LinkVisit Visit, long Offset, string? IfRange) : IRequest<Answer<LinkContent>>
{
    /// <summary>
    /// Whether the bytes are sent from the first on. They also are when If-Range does not match, whatever was asked for; a
    /// time in it counts as no match, because that never lets a download go uncounted.
    /// </summary>
    /// <param name="etag">The content's, without quotes.</param>
    internal bool IsWhole(string etag) =>
        Offset == 0 || (IfRange is not null && !string.Equals(IfRange, $"\"{etag}\"", StringComparison.Ordinal));
}

/// <summary>The thumbnail of what a link leads to. No download.</summary>
public sealed record ReadLinkThumbnail(LinkVisit Visit) : IRequest<Answer<LinkContent>>;

/// <summary>Bytes to be sent, and what to say of them.</summary>
/// <param name="Content">Seekable; the receiver disposes of it.</param>
/// <param name="Sha256">Lower-case hex over the bytes; null where it is not known.</param>
public sealed record LinkContent(
    Stream Content, string ContentType, string ETag, string? Sha256, string Name, DateTimeOffset ModifiedAt);

/// <summary>A link, as its owner sees it. Its token was shown once, when it was made.</summary>
/// <param name="Id">The link's id; opens nothing.</param>
/// <param name="FileId">The file it leads to.</param>
/// <param name="Role">What it lets one do: viewer.</param>
/// <param name="HasPassword">A password is asked for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
/// <param name="MaxDownloads">How many downloads it is good for; null for any number.</param>
/// <param name="Downloads">How many have begun.</param>
public sealed record LinkView(
    LinkId Id, FileId FileId, LinkRole Role, bool HasPassword, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    int? MaxDownloads, int Downloads);

/// <summary>A new link, with the secret that is shown this once.</summary>
/// <param name="Id">The link's id, to take it back by.</param>
/// <param name="Token">The secret; nobody can be shown it again.</param>
/// <param name="Url">The public address with the secret in it.</param>
/// <param name="FileId">The file it leads to.</param>
/// <param name="Role">What it lets one do: viewer.</param>
/// <param name="HasPassword">A password is asked for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
/// <param name="MaxDownloads">How many downloads it is good for; null for any number.</param>
public sealed record CreatedLink(
    LinkId Id, string Token, string Url, FileId FileId, LinkRole Role, bool HasPassword, DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt, int? MaxDownloads)
{
    /// <summary>The public address as an SVG picture for cameras; null when it was not wanted.</summary>
    public string? QrCode { get; init; }
}

/// <summary>What a link leads to, for whoever may open it.</summary>
/// <param name="Name">The file's name; of a link by which files are brought, what is asked for.</param>
/// <param name="SizeBytes">Bytes; 0 where nothing is read.</param>
/// <param name="ContentType">Media type; empty where nothing is read.</param>
/// <param name="HasPassword">The password has to come with each request.</param>
/// <param name="ExpiresAt">When the link ends by itself; null for never.</param>
/// <param name="DownloadsLeft">How many more downloads; null for any number.</param>
/// <param name="HasThumbnail">There is a thumbnail to be had.</param>
public sealed record LinkTarget(
    string Name,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes,
    string ContentType,
    bool HasPassword,
    DateTimeOffset? ExpiresAt,
    int? DownloadsLeft,
    [property: System.Text.Json.Serialization.JsonPropertyName("thumbnail")] bool HasThumbnail)
{
    /// <summary>What the link is for: download of a file, or upload into a folder of which nothing is told.</summary>
    public LinkAccess Access { get; init; }

    /// <summary>How many more files may be brought; null for any number, and where none is.</summary>
    public int? UploadsLeft { get; init; }

    /// <summary>The largest file that may be brought; null for whatever the server takes.</summary>
    public long? MaxFileBytes { get; init; }
}

internal sealed class CreateLinkShape : AbstractValidator<CreateLink>
{
    public CreateLinkShape()
    {
        RuleFor(ask => ask.Password).Length(1, 128);
        RuleFor(ask => ask.MaxDownloads).GreaterThan(0);
        RuleFor(ask => ask.Role).Must(role => role is null or LinkRole.Viewer).WithMessage("A link lets one read: viewer.");
    }
}

internal sealed class ListLinksShape : AbstractValidator<ListLinks>
{
    public ListLinksShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
