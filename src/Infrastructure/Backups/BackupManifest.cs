using EventFiles.Infrastructure.LogFiles;

namespace EventFiles.Infrastructure.Backups;

/// <summary>What a backup holds. Written last: a folder without it is none.</summary>
/// <param name="Backup">Always <see cref="Ours"/>.</param>
/// <param name="Store">The id of the log's first event: backups of one store have the same.</param>
/// <param name="Upto">The log's last position in it.</param>
/// <param name="Log">The name of the file with the log.</param>
/// <param name="LogSha256">The digest in its own last line.</param>
/// <param name="List">The name of the file that lists the objects.</param>
/// <param name="ListSha256">Over that file.</param>
/// <param name="Objects">How many objects it holds.</param>
/// <param name="Bytes">Of these.</param>
/// <param name="Damaged">How many objects the store had lost, or had others instead of, and no former backup had.</param>
/// <param name="Keys">The server's keys; none where they follow from a secret.</param>
public sealed record BackupManifest(
    string Backup, int Format, DateTimeOffset At, Guid? Store, long Upto, long Events, string Log, string LogSha256, string List,
    string ListSha256, long Objects, long Bytes, long Damaged, IReadOnlyList<BackedKey> Keys)
{
    public const string Ours = "eventfiles";

    /// <summary>Raised when a former program could not read what a newer one writes.</summary>
    public const int OurFormat = 1;
}

/// <summary>A file of the server's keys.</summary>
public sealed record BackedKey(string Name, string Sha256);

/// <summary>A line of the list.</summary>
/// <param name="Position">Of the event that tells of it.</param>
/// <param name="Sha256">Lower-case hex, also of a variant: as it was when it was copied. Empty when there are no bytes.</param>
/// <param name="Damage">What is wrong with it in the store; null when it is here.</param>
internal sealed record BackedObject(ObjectKey Key, long Position, long SizeBytes, string Sha256, ObjectDamage? Damage)
{
    /// <summary>Whose it is; null in backups of programs that did not encrypt.</summary>
    public AccountId? Owner { get; init; }

    /// <summary>Where it lies in the backup. A variant may be made anew under its key: the former one stays as long as a manifest names it.</summary>
    public ObjectKey KeyHere => Key.AsVariant() is null ? Key : new ObjectKey(FormattableString.Invariant($"{Key}/{Position}"));
}

/// <summary>How far it is.</summary>
/// <param name="Doing">In a word or two.</param>
/// <param name="Objects">How many of them were seen to.</param>
/// <param name="CopiedBytes">Of the objects that were not there yet.</param>
public sealed record BackupProgress(string Doing, long Objects, long CopiedBytes);

/// <summary>A backup cannot be made in this place, or not be restored to it.</summary>
public sealed class BackupException(string code, string detail) : LogRefusedException(code, detail)
{
    /// <summary>There is no manifest: no backup, or one that was never finished.</summary>
    public const string NoManifest = "backup.no-manifest";

    /// <summary>Something in it is not as it was written.</summary>
    public const string Damaged = "backup.damaged";

    /// <summary>It was written in a format that this program does not know.</summary>
    public const string OtherFormat = "backup.other-format";

    /// <summary>The folder for a backup holds something else.</summary>
    public const string PlaceTaken = "backup.place-taken";

    /// <summary>Another command is using the folder.</summary>
    public const string InUse = "backup.in-use";

    /// <summary>The folder holds the backup of another store.</summary>
    public const string OtherStore = "backup.other-store";

    /// <summary>Objects were deleted or made anew faster than they could be copied.</summary>
    public const string Unsettled = "backup.unsettled";

    /// <summary>What is to be restored to is not empty.</summary>
    public const string TargetNotEmpty = "backup.target-not-empty";

    /// <summary>The store does not hand out what it has just been given.</summary>
    public const string TargetFaulty = "backup.target-faulty";
}
