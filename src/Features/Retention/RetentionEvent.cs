namespace EventFiles.Features.Retention;

/// <summary>
/// How long what is in an owner's folders stays. Stored for ever: add cases, never change one. The owner is the stream's
/// tenant.
/// </summary>
public abstract record RetentionEvent
{
    private RetentionEvent() { }

    /// <summary>A folder has this rule, and no former one; where a part of it is null, the folder above decides.</summary>
    /// <param name="DeleteAfterDays">So long after <paramref name="Since"/> a file is deleted for good.</param>
    /// <param name="Since">What the days of the two are counted from.</param>
    /// <param name="KeepAtLeastDays">Before so long after that nobody deletes it for good.</param>
    /// <param name="KeepVersions">Of a file's versions so many, the newest, stay.</param>
    /// <param name="KeepVersionDays">A version that is younger stays, too.</param>
    /// <param name="EmptyTrashAfterDays">So long after it was thrown away a file is deleted for good.</param>
    /// <param name="NextSweep">When what is due is looked for.</param>
    public sealed record Ruled(
        FolderId Folder, int? DeleteAfterDays, RetentionClock Since, int? KeepAtLeastDays, int? KeepVersions,
        int? KeepVersionDays, int? EmptyTrashAfterDays, DateTimeOffset NextSweep) : RetentionEvent;

    /// <summary>A folder has no rule of its own any more.</summary>
    public sealed record Unruled(FolderId Folder) : RetentionEvent;

    /// <summary>What was due was looked for, in all folders with rules.</summary>
    /// <param name="Files">How many files were deleted.</param>
    /// <param name="Versions">How many versions of others.</param>
    /// <param name="Kept">How many files and versions were due and stay, because something keeps them.</param>
    /// <param name="NextSweep">When that is done again.</param>
    public sealed record Swept(int Files, int Versions, int Kept, DateTimeOffset NextSweep) : RetentionEvent;
}

/// <summary>What a file's days are counted from.</summary>
public enum RetentionClock
{
    /// <summary>Its last version.</summary>
    Modified,

    /// <summary>Its first version.</summary>
    Created,
}
