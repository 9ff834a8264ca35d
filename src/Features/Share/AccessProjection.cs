using System.Collections.Immutable;
using System.Text.Json.Serialization;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Share;

/// <summary>All that decides who may use a file, but for the folders it is in. Facts about it arrive from five streams, so every field is set on its own.</summary>
/// <param name="Owner">Null while no upload of it was heard of: until then nobody may anything.</param>
/// <param name="HasContent">A version of it is complete.</param>
/// <param name="IsAbandoned">An upload of it ended without content; counts only when there is none.</param>
public sealed record AccessView(
    AccountId? Owner, bool HasContent, bool IsAbandoned, bool IsTrashed, bool IsDeleted, ImmutableArray<AccessGrant> Grants)
{
    public static readonly AccessView Unheard = new(null, false, false, false, false, []);

    /// <summary>Where it is; null as long as it is nowhere.</summary>
    public FolderId? Folder { get; init; }

    [JsonIgnore]
    public FileState State => this switch
    {
        { IsDeleted: true } => FileState.Deleted,
        { IsTrashed: true } => FileState.Trashed,
        _ => FileState.Present,
    };

    /// <summary>It is a file, or may become one.</summary>
    [JsonIgnore]
    public bool IsThere => Owner is not null && (HasContent || !IsAbandoned);

    public AccessView With(AccessGrant grant) => this with { Grants = [.. Without(grant.Grantee).Grants, grant] };

    public AccessView Without(ShareGrantee grantee) =>
        this with { Grants = Grants.RemoveAll(grant => grant.Grantee == grantee) };
}

internal static class AccessProjection
{
    /// <summary>By file id.</summary>
    public static Projection<AccessView> Define() => new Projection<AccessView>("access", version: 3)
        .On<UploadEvent.Begun>(begun => begun.File.ToString(), (view, _, happened) => Owned(view, happened))
        .On<UploadEvent.Completed>(completed => completed.File.ToString(), (view, completed, happened) =>
            Completed(Owned(view, happened), completed))
        .On<UploadEvent.Abandoned>(abandoned => abandoned.File.ToString(), (view, _, _) =>
            (view ?? AccessView.Unheard) with { IsAbandoned = true })
        .On<ShareEvent.Granted>(granted => granted.On.AsFile()?.ToString(), (view, granted, _) =>
            (view ?? AccessView.Unheard).With(new(granted.Grantee, granted.Role, granted.Until, granted.MayShare)))
        .On<ShareEvent.Changed>(changed => changed.On.AsFile()?.ToString(), (view, changed, _) =>
            (view ?? AccessView.Unheard).With(new(changed.Grantee, changed.Role, changed.Until, changed.MayShare)))
        .On<ShareEvent.Revoked>(revoked => revoked.On.AsFile()?.ToString(), (view, revoked, _) =>
            (view ?? AccessView.Unheard).Without(revoked.Grantee))
        .On<ShareEvent.Ended>(ended => ended.On.AsFile()?.ToString(), (view, ended, _) =>
            (view ?? AccessView.Unheard).Without(ended.Grantee))
        .On<DeleteEvent.Trashed>(trashed => trashed.File.ToString(), (view, _, _) =>
            (view ?? AccessView.Unheard) with { IsTrashed = true })
        .On<DeleteEvent.TrashedWith>(trashed => trashed.File.ToString(), (view, _, _) =>
            (view ?? AccessView.Unheard) with { IsTrashed = true })
        .On<DeleteEvent.Restored>(restored => restored.File.ToString(), (view, restored, _) =>
            (view ?? AccessView.Unheard) with { IsTrashed = false, Folder = restored.Folder })
        .On<FilesEvent.Moved>(moved => moved.File.ToString(), (view, moved, _) =>
            (view ?? AccessView.Unheard) with { Folder = moved.Folder })
        .On<FilesEvent.HandedOver>(handed => handed.File.ToString(), (view, handed, _) =>
            (view ?? AccessView.Unheard) with { Owner = handed.To, Folder = handed.Folder })
        .On<DeleteEvent.Requested>(requested => requested.File.ToString(), (view, _, _) => Deleted(view))
        .On<DeleteEvent.Purged>(purged => purged.File.ToString(), (view, _, _) => Deleted(view))
        .Recalled("upload", "share", "delete", "file");

    // The first upload says whose it is; a later one can bring a version and never another owner.
    private static AccessView Owned(AccessView? view, RecordedEvent happened) =>
        (view ?? AccessView.Unheard) with { Owner = view?.Owner ?? happened.Stream.Tenant };

    // A file that was moved before its first version was heard of is where it was moved to.
    private static AccessView Completed(AccessView view, UploadEvent.Completed completed) => view with
    {
        HasContent = true,
        Folder = completed.Version == 1 ? view.Folder ?? completed.Folder : view.Folder,
    };

    // There is no way back from here, so what is heard afterwards changes nothing.
    private static AccessView Deleted(AccessView? view) => (view ?? AccessView.Unheard) with { IsDeleted = true };
}
