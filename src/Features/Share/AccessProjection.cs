using System.Collections.Immutable;
using System.Text.Json.Serialization;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Share;

/// <summary>All that decides who may use a file. Facts about it arrive from four streams, so every field is set on its own.</summary>
/// <param name="Owner">Null while no upload of it was heard of: until then nobody may anything.</param>
/// <param name="HasContent">A version of it is complete.</param>
/// <param name="IsAbandoned">An upload of it ended without content; counts only when there is none.</param>
public sealed record AccessView(
    AccountId? Owner, bool HasContent, bool IsAbandoned, bool IsTrashed, bool IsDeleted, ImmutableArray<AccessGrant> Grants)
{
    public static readonly AccessView Unheard = new(null, false, false, false, false, []);

    [JsonIgnore]
    public FileState State => this switch
    {
        { IsDeleted: true } => FileState.Deleted,
        { IsTrashed: true } => FileState.Trashed,
        _ => FileState.Present,
    };

    /// <summary>What the account is to the file at that time. A grant ends at its end, whether or not anybody noted it.</summary>
    public Standing StandingOf(AccountId account, DateTimeOffset now)
    {
        if (Owner is null || (IsAbandoned && !HasContent))
            return Standing.None;
        if (Owner == account)
            return Standing.Owner;
        return Grants.FirstOrDefault(grant => grant.Grantee == account) switch
        {
            null => Standing.None,
            { Until: { } until } when until <= now => Standing.None,
            { Role: ShareRole.Editor } => Standing.Editor,
            { Role: ShareRole.Viewer } => Standing.Viewer,
            _ => Standing.None,
        };
    }

    public AccessView With(AccessGrant grant) => this with { Grants = [.. Without(grant.Grantee).Grants, grant] };

    public AccessView Without(AccountId grantee) =>
        this with { Grants = Grants.RemoveAll(grant => grant.Grantee == grantee) };
}

/// <summary>What one account was given.</summary>
public sealed record AccessGrant(AccountId Grantee, ShareRole Role, DateTimeOffset? Until);

internal static class AccessProjection
{
    /// <summary>By file id.</summary>
    public static Projection<AccessView> Define() => new Projection<AccessView>("access")
        .On<UploadEvent.Begun>(begun => begun.File.ToString(), (view, _, happened) => Owned(view, happened))
        .On<UploadEvent.Completed>(completed => completed.File.ToString(), (view, _, happened) =>
            Owned(view, happened) with { HasContent = true })
        .On<UploadEvent.Abandoned>(abandoned => abandoned.File.ToString(), (view, _, _) =>
            (view ?? AccessView.Unheard) with { IsAbandoned = true })
        .On<ShareEvent.Granted>(granted => granted.File.ToString(), (view, granted, _) =>
            (view ?? AccessView.Unheard).With(new(granted.Grantee, granted.Role, granted.Until)))
        .On<ShareEvent.Changed>(changed => changed.File.ToString(), (view, changed, _) =>
            (view ?? AccessView.Unheard).With(new(changed.Grantee, changed.Role, changed.Until)))
        .On<ShareEvent.Revoked>(revoked => revoked.File.ToString(), (view, revoked, _) =>
            (view ?? AccessView.Unheard).Without(revoked.Grantee))
        .On<ShareEvent.Ended>(ended => ended.File.ToString(), (view, ended, _) =>
            (view ?? AccessView.Unheard).Without(ended.Grantee))
        .On<DeleteEvent.Trashed>(trashed => trashed.File.ToString(), (view, _, _) =>
            (view ?? AccessView.Unheard) with { IsTrashed = true })
        .On<DeleteEvent.TrashedWith>(trashed => trashed.File.ToString(), (view, _, _) =>
            (view ?? AccessView.Unheard) with { IsTrashed = true })
        .On<DeleteEvent.Restored>(restored => restored.File.ToString(), (view, _, _) =>
            (view ?? AccessView.Unheard) with { IsTrashed = false })
        .On<DeleteEvent.Requested>(requested => requested.File.ToString(), (view, _, _) => Deleted(view))
        .On<DeleteEvent.Purged>(purged => purged.File.ToString(), (view, _, _) => Deleted(view))
        .Recalled("upload", "share", "delete");

    // The first upload says whose it is; a later one can bring a version and never another owner.
    private static AccessView Owned(AccessView? view, RecordedEvent happened) =>
        (view ?? AccessView.Unheard) with { Owner = view?.Owner ?? happened.Stream.Tenant };

    // There is no way back from here, so what is heard afterwards changes nothing.
    private static AccessView Deleted(AccessView? view) => (view ?? AccessView.Unheard) with { IsDeleted = true };
}
