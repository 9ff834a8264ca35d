namespace EventFiles.Features.Vocabulary;

/// <summary>An event by name, for whoever wants to look it up.</summary>
/// <param name="Position">Place in the whole log.</param>
/// <param name="Type">The stored name of its shape.</param>
public sealed record NamedEvent(long Position, Guid Id, string Type, string Stream)
{
    public static NamedEvent Of(RecordedEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return new NamedEvent(happened.Position, happened.Id, happened.Name, happened.Stream.Name);
    }
}

/// <summary>An object for which the log stands.</summary>
/// <param name="Position">Of the event that tells of it.</param>
/// <param name="Sha256">Lower-case hex; null where the log does not tell it (variants), or not any more. Personal.</param>
public sealed record LoggedObject(long Position, FileId File, ObjectKey Key, long SizeBytes, string? Sha256)
{
    /// <summary>Under whose key its bytes are encrypted.</summary>
    public AccountId Owner { get; init; }

    /// <summary>The event that tells of it.</summary>
    public NamedEvent? Event { get; init; }
}

/// <summary>The objects that must be there, originals and variants, as the log tells of them.</summary>
public interface ILoggedObjects
{
    /// <summary>
    /// What stood when the log ended at that position, each object once, in the order of the events that tell of them. A
    /// variant that was made more than once is there as it was made last.
    /// </summary>
    /// <param name="position"><see cref="long.MaxValue"/> for all that is committed by now.</param>
    IAsyncEnumerable<LoggedObject> Upto(long position, CancellationToken cancel);

    /// <summary>Whether the log tells otherwise by now: the file is deleted for good, or the variant was or is made anew.</summary>
    Task<bool> HasChanged(LoggedObject told, CancellationToken cancel);
}
