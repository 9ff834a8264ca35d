using FluentValidation;
using MediatR;

namespace EventFiles.Features.Share;

/// <summary>The owner of a folder makes a link by which anybody brings files into it.</summary>
/// <param name="Access">Upload: no other link leads to a folder.</param>
/// <param name="Title">What is asked for; null for the folder's name as it is now.</param>
/// <param name="Password">Asked of whoever opens the link; null for none.</param>
public sealed record CreateInbox(
    Caller By, FolderId Folder, LinkAccess? Access, string? Title, string? Password, DateTimeOffset? Until, int? MaxUploads,
    long? MaxFileBytes) : IRequest<Answer<CreatedInbox>>, IAsked;

/// <summary>The links of a folder, oldest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListInboxes(Caller By, FolderId Folder, string? Cursor, int Limit)
    : IRequest<Answer<Page<InboxView>>>, IAsked;

/// <summary>All public links of the caller, the latest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListOwnLinks(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<OwnLink>>>, IAsked;

/// <summary>A link into a folder, as its owner sees it. Its token was shown once, when it was made.</summary>
/// <param name="Id">The link's id; opens nothing.</param>
/// <param name="FolderId">The folder that files are brought into.</param>
/// <param name="Access">What it is for: upload.</param>
/// <param name="Title">What is asked for: all that visitors are told.</param>
/// <param name="HasPassword">A password is asked for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
/// <param name="MaxUploads">How many files it takes; null for any number.</param>
/// <param name="MaxFileBytes">The largest file that it takes; null for whatever the server takes.</param>
/// <param name="Uploads">How many files have come.</param>
public sealed record InboxView(
    LinkId Id, FolderId FolderId, LinkAccess Access, string Title, bool HasPassword, DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt, int? MaxUploads, long? MaxFileBytes, int Uploads);

/// <summary>A new link into a folder, with the secret that is shown this once.</summary>
/// <param name="Id">The link's id, to take it back by.</param>
/// <param name="Token">The secret; nobody can be shown it again.</param>
/// <param name="Url">The public address with the secret in it.</param>
/// <param name="FolderId">The folder that files are brought into.</param>
/// <param name="Access">What it is for: upload.</param>
/// <param name="Title">What is asked for: all that visitors are told.</param>
/// <param name="HasPassword">A password is asked for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
/// <param name="MaxUploads">How many files it takes; null for any number.</param>
/// <param name="MaxFileBytes">The largest file that it takes; null for whatever the server takes.</param>
public sealed record CreatedInbox(
    LinkId Id, string Token, string Url, FolderId FolderId, LinkAccess Access, string Title, bool HasPassword,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, int? MaxUploads, long? MaxFileBytes)
{
    /// <summary>The public address as an SVG picture for cameras; null when it was not wanted.</summary>
    public string? QrCode { get; init; }
}

/// <summary>One of the caller's public links.</summary>
/// <param name="Id">The link's id; opens nothing.</param>
/// <param name="Access">What it is for: download of a file, upload into a folder.</param>
/// <param name="FileId">The file that is read by it; null for a folder.</param>
/// <param name="FolderId">The folder that files are brought into; null for a file.</param>
/// <param name="Name">The file's name, or what is asked for.</param>
/// <param name="HasPassword">A password is asked for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
/// <param name="MaxDownloads">How many downloads it is good for; null for any number, and for a folder.</param>
/// <param name="Downloads">How many have begun.</param>
/// <param name="MaxUploads">How many files it takes; null for any number, and for a file.</param>
/// <param name="Uploads">How many files have come.</param>
public sealed record OwnLink(
    LinkId Id, LinkAccess Access, FileId? FileId, FolderId? FolderId, string Name, bool HasPassword, DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt, int? MaxDownloads, int Downloads, int? MaxUploads, int Uploads);

internal sealed class CreateInboxShape : AbstractValidator<CreateInbox>
{
    public CreateInboxShape()
    {
        RuleFor(ask => ask.Access).Must(access => access is LinkAccess.Upload)
            .WithMessage("A link to a folder lets one bring files: say upload.");
        RuleFor(ask => ask.Title).Length(1, 200);
        RuleFor(ask => ask.Password).Length(1, 128);
        RuleFor(ask => ask.MaxUploads).GreaterThan(0);
        RuleFor(ask => ask.MaxFileBytes).GreaterThan(0);
    }
}

internal sealed class ListInboxesShape : AbstractValidator<ListInboxes>
{
    public ListInboxesShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class ListOwnLinksShape : AbstractValidator<ListOwnLinks>
{
    public ListOwnLinksShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
