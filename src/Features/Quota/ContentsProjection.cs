using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using static EventFiles.Features.Quota.QuotaEvent;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Quota;

/// <summary>What a file has: by which uploads, and which versions these are.</summary>
/// <param name="Contents">What it has still.</param>
/// <param name="Versions">The upload of each version that is to be had.</param>
public sealed record FileContents(
    FileId File, AccountId Owner, ImmutableArray<KeptContent> Contents, ImmutableSortedDictionary<int, UploadId> Versions,
    bool IsTrashed, bool IsDeleted);

/// <summary>Bytes that a file has by one upload.</summary>
/// <param name="Sha256">Lower-case hex; personal.</param>
public sealed record KeptContent(UploadId Upload, ObjectKey StoredAs, long SizeBytes, string Sha256);

internal static class ContentsProjection
{
    /// <summary>
    /// By file id; found by owner and digest as long as the file has the bytes, and by owner when there is more to say of it than
    /// that it has one version.
    /// </summary>
    public static Projection<FileContents> Define() => new Projection<FileContents>("contents", version: 3)
        .On<UploadEvent.Completed>(whole => whole.File.ToString(), (view, whole, happened) =>
        {
            var file = view ?? Unheard(whole.File, happened);
            return file with
            {
                Contents = [.. Without(file, whole.Upload), new(whole.Upload, whole.StoredAs, whole.SizeBytes, whole.Sha256)],
                Versions = file.Versions.SetItem(whole.Version, whole.Upload),
            };
        })
        .On<UploadEvent.Reinstated>(again => again.File.ToString(), (view, again, happened) =>
        {
            var file = view ?? Unheard(again.File, happened);
            return file with { Versions = file.Versions.SetItem(again.Version, again.Upload) };
        })
        .On<UploadEvent.HandedOver>(handed => handed.File.ToString(), (view, handed, happened) => (view ?? Unheard(handed.File, happened)) with
        {
            Owner = handed.To,
            Contents = [.. handed.Versions.DistinctBy(one => one.Upload).Select(one => new KeptContent(one.Upload, one.StoredAs, one.SizeBytes, one.Sha256))],
            Versions = handed.Versions.ToImmutableSortedDictionary(one => one.Version, one => one.Upload),
        })
        .On<VersionEvent.Deleted>(deleted => deleted.File.ToString(), (view, deleted, _) =>
            view is null ? null : view with { Versions = view.Versions.Remove(deleted.Version) })
        .On<DeleteEvent.Trashed>(trashed => trashed.File.ToString(), (view, _, _) => view is null ? null : view with { IsTrashed = true })
        .On<DeleteEvent.TrashedWith>(trashed => trashed.File.ToString(), (view, _, _) => view is null ? null : view with { IsTrashed = true })
        .On<DeleteEvent.Restored>(restored => restored.File.ToString(), (view, _, _) => view is null ? null : view with { IsTrashed = false })
        .On<DeleteEvent.Requested>(requested => requested.File.ToString(), (view, _, _) => view is null ? null : view with { IsDeleted = true })
        .On<GivenUp>(given => given.File.ToString(), (view, given, happened) =>
            view is null || view.Owner != happened.Stream.Tenant ? view : view with { Contents = view.Contents.RemoveAll(one => given.Uploads.Contains(one.Upload)) })
        .On<UploadFreed>(freed => freed.File.ToString(), (view, freed, _) =>
            view is null ? null : view with { Contents = Without(view, freed.Upload) })
        // What a former owner gives back is told together with the file's going over, in any order.
        .On<Freed>(freed => freed.File.ToString(), (view, _, happened) => view?.Owner == happened.Stream.Tenant ? null : view)
        .Indexed(Entries);

    public static string NotableOf(AccountId owner) => $"notable:{owner}";

    // The owner goes into it: that two of them have the same shows nowhere, nor does the digest itself.
    public static string OfBytes(AccountId owner, string sha256, long sizeBytes) => "content:" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{owner} {sizeBytes} {sha256}"))).AsSpan(0, 16));

    private static IEnumerable<IndexEntry> Entries(FileContents file) =>
        file.Contents.Where(one => one.Sha256 != PersonalAttribute.Erased)
            .Select(one => OfBytes(file.Owner, one.Sha256, one.SizeBytes)).Distinct(StringComparer.Ordinal)
            .Concat(IsNotable(file) ? [NotableOf(file.Owner)] : Array.Empty<string>())
            .Select(index => new IndexEntry(index, file.File.ToString()));

    private static bool IsNotable(FileContents file) =>
        file.IsTrashed || file.IsDeleted || file.Contents is not [var only] || file.Versions.Count != 1 || file.Versions.Values.First() != only.Upload;

    private static FileContents Unheard(FileId file, RecordedEvent happened) =>
        new(file, happened.Stream.Tenant, [], ImmutableSortedDictionary<int, UploadId>.Empty, false, false);

    private static ImmutableArray<KeptContent> Without(FileContents file, UploadId upload) =>
        file.Contents.RemoveAll(one => one.Upload == upload);
}
