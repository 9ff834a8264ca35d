using FluentValidation;
using MediatR;

namespace EventFiles.Features.Share;

/// <summary>The owner lets another account use a file.</summary>
/// <param name="Grantee">An e-mail address or an account id, as the owner typed it.</param>
public sealed record GrantShare(Caller By, FileId File, string? Grantee, ShareRole? Role, DateTimeOffset? Until)
    : IRequest<Answer<ShareView>>, IAsked;

/// <summary>With whom a file is shared, oldest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
/// <param name="AsOf">With whom it was shared then; null for now.</param>
public sealed record ListShares(Caller By, FileId File, string? Cursor, int Limit, string? AsOf)
    : IRequest<Answer<Page<ShareView>>>, IAsked;

/// <summary>The owner takes a grant back, or the grantee leaves.</summary>
public sealed record RevokeShare(Caller By, ShareId Share) : IRequest<Answer<Done>>, IAsked;

/// <summary>The files that others let the caller use, the latest share first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListSharedWithMe(Caller By, string? Cursor, int Limit)
    : IRequest<Answer<Page<SharedFile>>>, IAsked;

/// <summary>A file is going away: all its shares and links end.</summary>
public sealed record CloseSharing(FileId File, AccountId Owner) : IWork;

/// <summary>A grant's time may be over.</summary>
public sealed record EndShare(FileId File, AccountId Owner, ShareId Share) : IWork;

/// <summary>A share: who may do what with a file.</summary>
/// <param name="Id">The share's id; it stays when the role or the end changes.</param>
/// <param name="FileId">The file.</param>
/// <param name="Grantee">Who may use it.</param>
/// <param name="Role">viewer may read; editor may also rename, add versions and process.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
public sealed record ShareView(
    ShareId Id, FileId FileId, ShareParty Grantee, ShareRole Role, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>One side of a share.</summary>
/// <param name="Id">The account.</param>
/// <param name="Email">Its address; null when the account is gone.</param>
/// <param name="DisplayName">Its name; null when the account is gone.</param>
public sealed record ShareParty(AccountId Id, string? Email, string? DisplayName)
{
    public static ShareParty Of(AccountId id, AccountCard? card) => new(id, card?.Email, card?.DisplayName);
}

/// <summary>A file that somebody lets the caller use.</summary>
/// <param name="Share">The share that lets them.</param>
/// <param name="Owner">Whose file it is.</param>
/// <param name="File">The file.</param>
public sealed record SharedFile(ShareView Share, ShareParty Owner, FileSummary File);

internal sealed class GrantShareShape : AbstractValidator<GrantShare>
{
    public GrantShareShape()
    {
        // 320 is the longest e-mail address there can be.
        RuleFor(ask => ask.Grantee).NotEmpty().MaximumLength(320);
        RuleFor(ask => ask.Role).NotNull().IsInEnum();
    }
}

internal sealed class ListSharesShape : AbstractValidator<ListShares>
{
    public ListSharesShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class ListSharedWithMeShape : AbstractValidator<ListSharedWithMe>
{
    public ListSharedWithMeShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
