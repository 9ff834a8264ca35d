using FluentValidation;
using MediatR;

namespace EventFiles.Features.Share;

/// <summary>Somebody who may share lets another account or a group use a file or a folder.</summary>
/// <param name="Grantee">An e-mail address, an account id or a group id, as it was typed.</param>
/// <param name="MayShare">An editor may let others use it as well.</param>
public sealed record GrantShare(
    Caller By, ShareTarget On, string? Grantee, ShareRole? Role, DateTimeOffset? Until, bool MayShare = false)
    : IRequest<Answer<ShareView>>, IAsked;

/// <summary>With whom a file or a folder is shared, oldest first; not what follows from the folders above it.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
/// <param name="AsOf">With whom it was shared then; null for now.</param>
public sealed record ListShares(Caller By, ShareTarget On, string? Cursor, int Limit, string? AsOf)
    : IRequest<Answer<Page<ShareView>>>, IAsked;

/// <summary>The owner or who gave it takes a grant back, or the grantee leaves.</summary>
public sealed record RevokeShare(Caller By, ShareId Share) : IRequest<Answer<Done>>, IAsked;

/// <summary>What others let the caller use: first what they have themselves, the latest first, then what each group has.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListSharedWithMe(Caller By, string? Cursor, int Limit)
    : IRequest<Answer<Page<SharedEntry>>>, IAsked;

/// <summary>What the caller lets others use, the latest share first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListSharedByMe(Caller By, string? Cursor, int Limit)
    : IRequest<Answer<Page<SharedEntry>>>, IAsked;

/// <summary>A file is going away: all its shares and links end.</summary>
public sealed record CloseSharing(FileId File, AccountId Owner) : IWork;

/// <summary>A folder is gone: all its shares end.</summary>
public sealed record CloseFolderSharing(FolderId Folder, AccountId Owner) : IWork;

/// <summary>Something was offered to an address: who has it gets it, and who has no account is invited to open one.</summary>
public sealed record DeliverOffer(ShareTarget On, AccountId Owner, ShareId Share) : IWork;

/// <summary>An account's address was proved: what was offered to it is theirs.</summary>
public sealed record TakeOffers(AccountId Owner) : IWork;

/// <summary>A grant's time may be over.</summary>
public sealed record EndShare(ShareTarget On, AccountId Owner, ShareId Share) : IWork;

/// <summary>A share: who may do what with a file, or with a folder and all that is in it.</summary>
/// <param name="Id">The share's id; it stays when the role or the end changes.</param>
/// <param name="FileId">The file; null for a folder.</param>
/// <param name="FolderId">The folder; null for a file.</param>
/// <param name="Grantee">Who may use it.</param>
/// <param name="Role">uploader may bring files into a folder and see none; viewer may read; commenter may also say something about it; editor may also rename files, add versions, process, and put files and folders into a folder.</param>
/// <param name="MayShare">An editor may let others use it as well.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
public sealed record ShareView(
    ShareId Id, FileId? FileId, FolderId? FolderId, ShareParty Grantee, ShareRole Role, bool MayShare,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>One side of a share.</summary>
/// <param name="Id">The account or the group; for who was named by an address the share itself.</param>
/// <param name="Email">Its address; null for a group, and when the account is gone. As it was typed, for who was named by it.</param>
/// <param name="DisplayName">Its name; null when it is gone, and for who was named by an address: whether it is anybody's is told to nobody.</param>
/// <param name="IsGroup">It is a group.</param>
public sealed record ShareParty(Guid Id, string? Email, string? DisplayName, bool IsGroup)
{
    /// <summary>An account's picture, at <c>/api/people/{id}/avatar</c>; null for none.</summary>
    public AvatarId? Avatar { get; init; }

    public static ShareParty Of(AccountId id, AccountCard? card) =>
        new(id.Value, card?.Email, card?.DisplayName, IsGroup: false) { Avatar = card?.Avatar };

    /// <summary>Who was named by their address, whether or not it is anybody's: the id says nothing.</summary>
    public static ShareParty Of(ShareId share, string email) => new(share.Value, email, null, IsGroup: false);

    public static ShareParty Of(GroupId id, GroupCard? card) => new(id.Value, null, card?.Name, IsGroup: true);
}

/// <summary>A file or folder that somebody lets somebody use.</summary>
/// <param name="Share">The share that lets them.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="File">The file; null for a folder.</param>
/// <param name="Folder">The folder; null for a file.</param>
public sealed record SharedEntry(ShareView Share, ShareParty Owner, FileSummary? File, SharedFolder? Folder);

/// <summary>A folder that is shared.</summary>
/// <param name="Id">The folder's id.</param>
/// <param name="Name">As its owner calls it.</param>
public sealed record SharedFolder(FolderId Id, string Name);

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

internal sealed class ListSharedByMeShape : AbstractValidator<ListSharedByMe>
{
    public ListSharedByMeShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}
