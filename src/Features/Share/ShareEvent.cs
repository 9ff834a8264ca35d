using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Share;

/// <summary>
/// Who else may use a file, or a folder with all that is in it. Stored for ever: add cases, never change one. The owner is
/// the stream's tenant.
/// </summary>
public abstract record ShareEvent
{
    private ShareEvent() { }

    /// <summary>Another account, or a group, may use it.</summary>
    /// <param name="Until">From then on the grant does not count; null for as long as the owner wants.</param>
    /// <param name="MayShare">An editor may let others use it as well.</param>
    /// <param name="By">Who gave it; null for the owner.</param>
    public sealed record Granted(
        ShareTarget On, ShareId Share, ShareGrantee Grantee, ShareRole Role, DateTimeOffset? Until, bool MayShare = false,
        AccountId? By = null) : ShareEvent;

    /// <summary>The grant is the same one and now says this.</summary>
    public sealed record Changed(
        ShareTarget On, ShareId Share, ShareGrantee Grantee, ShareRole Role, DateTimeOffset? Until, bool MayShare = false) : ShareEvent;

    /// <summary>
    /// Whoever has an account with this address may use it, and whoever will have one may from then on. Whether there is one
    /// stands in other events. The same offer again says something else now.
    /// </summary>
    /// <param name="Email">As it was typed, without surrounding spaces.</param>
    /// <param name="Key">The address in its compared form.</param>
    /// <param name="Until">From then on it does not count; null for as long as the owner wants.</param>
    /// <param name="MayShare">An editor may let others use it as well.</param>
    /// <param name="By">Who gave it; null for the owner.</param>
    public sealed record Offered(
        ShareTarget On, ShareId Share, [Personal(Of = PersonalOf.Another)] string Email,
        [Personal(Of = PersonalOf.Another)] string Key, ShareRole Role, DateTimeOffset? Until, bool MayShare, AccountId? By) : ShareEvent;

    /// <summary>An account has the address: what it may now, a grant says.</summary>
    public sealed record Taken(ShareTarget On, ShareId Share, AccountId Account) : ShareEvent;

    /// <summary>It is offered to nobody any more.</summary>
    public sealed record Withdrawn(ShareTarget On, ShareId Share) : ShareEvent;

    /// <summary>The owner or who gave it took the grant back, or the grantee left, or the file or folder is going away.</summary>
    public sealed record Revoked(ShareTarget On, ShareId Share, ShareGrantee Grantee) : ShareEvent;

    /// <summary>The grant's time is over.</summary>
    public sealed record Ended(ShareTarget On, ShareId Share, ShareGrantee Grantee) : ShareEvent;

    /// <summary>It is going away: no grant and no link can be made any more.</summary>
    public sealed record Closed(ShareTarget On) : ShareEvent;
}

/// <summary>What a grant lets its grantee do.</summary>
[JsonConverter(typeof(ShareRoleJson))]
public enum ShareRole
{
    /// <summary>Bring files into a folder, and see nothing of what is there.</summary>
    Uploader,

    /// <summary>See the file, its variants and its content; of a folder, what is in it.</summary>
    Viewer,

    /// <summary>Also say something about it.</summary>
    Commenter,

    /// <summary>Also rename it, give it new versions, process it; of a folder, put files and folders into it.</summary>
    Editor,
}

/// <summary>Roles are words in JSON, never numbers: a number would outlive the order in which they are declared.</summary>
internal sealed class ShareRoleJson() : JsonStringEnumConverter<ShareRole>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
