using System.Collections.Immutable;
using System.Diagnostics;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Files;

/// <summary>Every version that was ever made of a file, as its uploads tell.</summary>
/// <param name="Last">The current one's number; 0 while there is none.</param>
public sealed record VersionsMade(int Last, ImmutableSortedDictionary<int, MadeVersion> All)
{
    /// <summary>
    /// Only read: loaded in a transaction it makes sure that no version is made meanwhile, so that the last one is.
    /// </summary>
    public static readonly Decider<UploadEvent, VersionsMade, UploadEvent> Decider = new(
        new VersionsMade(0, ImmutableSortedDictionary<int, MadeVersion>.Empty),
        (file, happened) => happened switch
        {
            UploadEvent.Completed whole => file.With(whole.Version, new MadeVersion(whole.Upload, whole.StoredAs)),
            UploadEvent.Reinstated again => file.With(again.Version, new MadeVersion(again.Upload, again.StoredAs)),
            UploadEvent.HandedOver handed => file with
            {
                All = file.All.SetItems(handed.Versions.Select(one =>
                    KeyValuePair.Create(one.Version, new MadeVersion(one.Upload, one.StoredAs)))),
            },
            _ => file,
        },
        (_, _, _) => throw new UnreachableException());

    public static StreamId StreamOf(FileId file, AccountId owner) => new($"upload-{file}", owner);

    public bool Has(int version) => All.ContainsKey(version);

    /// <summary>
    /// Whether another version that is to be had has its bytes by the same upload. Once none has, none ever will: only what
    /// is to be had can be restored. Whether somebody has the same bytes by another upload is the owner's ledger to say.
    /// </summary>
    public bool SharesUpload(int version, VersionState now) =>
        All.Any(other => other.Key != version && other.Value.Upload == All[version].Upload && !now.Deleted.Contains(other.Key));

    private VersionsMade With(int version, MadeVersion made) => new(Math.Max(Last, version), All.SetItem(version, made));
}

/// <summary>Where a version has its bytes from.</summary>
public sealed record MadeVersion(UploadId Upload, ObjectKey StoredAs);
