using System.Collections.Immutable;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using MarksEvent = EventFiles.Features.Marks.MarksEvent;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using ShareEvent = EventFiles.Features.Share.ShareEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Search;

internal static class SearchProjection
{
    /// <summary>By file id.</summary>
    public static Projection<SearchView> Define() => new Projection<SearchView>(SearchView.Projection)
        .On<UploadEvent.Completed>(done => done.File.ToString(), Completed)
        .On<UploadEvent.Reinstated>(again => again.File.ToString(), (view, again, happened) =>
            Filled(view, again.Version, again.ContentType, again.SizeBytes, again.StoredAs, happened))
        .On<FilesEvent.Renamed>(renamed => renamed.File.ToString(), (view, renamed, _) => Placed(view, renamed.Folder, renamed.Name))
        .On<FilesEvent.Moved>(moved => moved.File.ToString(), (view, moved, _) => Placed(view, moved.Folder, moved.Name))
        .On<FilesEvent.HandedOver>(handed => handed.File.ToString(), (view, handed, _) =>
            Placed(view, handed.Folder, handed.Name) is { } placed ? placed with { Owner = handed.To } : null)
        .On<UploadEvent.HandedOver>(handed => handed.File.ToString(), (view, handed, _) => view is null ? null : view with
        {
            Texts = view.Texts.SetItems(handed.Versions.Where(one => SearchView.IsItsOwnText(one.ContentType) && view.Texts.ContainsKey(one.Version))
                .Select(one => KeyValuePair.Create(one.Version, one.StoredAs))),
        })
        .On<DeleteEvent.Trashed>(trashed => trashed.File.ToString(), (view, _, _) => view is null ? null : view with { IsTrashed = true })
        .On<DeleteEvent.TrashedWith>(trashed => trashed.File.ToString(), (view, _, _) => view is null ? null : view with { IsTrashed = true })
        .On<DeleteEvent.Restored>(restored => restored.File.ToString(), (view, restored, _) =>
            Placed(view, restored.Folder, restored.Name) is { } placed ? placed with { IsTrashed = false } : null)
        .On<DeleteEvent.Requested>(requested => requested.File.ToString(), (_, _, _) => null)
        .On<ShareEvent.Granted>(granted => granted.On.AsFile()?.ToString(), (view, granted, _) =>
            view is null || view.Grantees.Contains(granted.Grantee.Id) ? view : view with { Grantees = view.Grantees.Add(granted.Grantee.Id) })
        .On<ShareEvent.Revoked>(revoked => revoked.On.AsFile()?.ToString(), (view, revoked, _) =>
            view is null ? null : view with { Grantees = view.Grantees.Remove(revoked.Grantee.Id) })
        .On<ShareEvent.Ended>(ended => ended.On.AsFile()?.ToString(), (view, ended, _) =>
            view is null ? null : view with { Grantees = view.Grantees.Remove(ended.Grantee.Id) })
        .On<MarksEvent.Tagged>(tagged => tagged.Entry.ToString(), (view, tagged, _) =>
            view is null || view.Tags.Contains(tagged.Tag) ? view : view with { Tags = view.Tags.Add(tagged.Tag) })
        .On<MarksEvent.Untagged>(untagged => untagged.Entry.ToString(), (view, untagged, _) =>
            view is null ? null : view with { Tags = view.Tags.Remove(untagged.Tag) })
        .On<ProcessEvent.StepSucceeded>(done => done.File.ToString(), (view, done, _) =>
            view is null || done.Made.Name != SearchView.TextVariant || done.Made.Version < view.Version
                ? view
                : view with { Texts = view.Texts.SetItem(done.Made.Version, done.Made.StoredAs) });

    // A further version of a file that is on its way out makes no file of it.
    private static SearchView? Completed(SearchView? view, UploadEvent.Completed done, RecordedEvent happened) =>
        view is null && done.Version == 1
            ? new SearchView(
                done.File, happened.Stream.Tenant, done.Name, done.Folder, done.ContentType, done.SizeBytes, happened.At, 1, false, [], [],
                WithItself(ImmutableSortedDictionary<int, ObjectKey>.Empty, 1, done.ContentType, done.StoredAs))
            : Filled(view, done.Version, done.ContentType, done.SizeBytes, done.StoredAs, happened);

    private static SearchView? Filled(
        SearchView? view, int version, string contentType, long sizeBytes, ObjectKey storedAs, RecordedEvent happened) =>
        view is null || version <= view.Version ? view : view with
        {
            Version = version,
            ContentType = contentType,
            SizeBytes = sizeBytes,
            ModifiedAt = happened.At,
            Texts = WithItself(view.Texts.RemoveRange(view.Texts.Keys.Where(one => one < version)), version, contentType, storedAs),
        };

    private static ImmutableSortedDictionary<int, ObjectKey> WithItself(
        ImmutableSortedDictionary<int, ObjectKey> texts, int version, string contentType, ObjectKey storedAs) =>
        SearchView.IsItsOwnText(contentType) && !texts.ContainsKey(version) ? texts.SetItem(version, storedAs) : texts;

    private static SearchView? Placed(SearchView? view, FolderId folder, string name) =>
        view is null ? null : view with { Folder = folder, Name = name };
}
