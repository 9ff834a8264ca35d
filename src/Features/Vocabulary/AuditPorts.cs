using System.Runtime.InteropServices;

namespace EventFiles.Features.Vocabulary;

/// <summary>Hears of requests that were refused, to have them written down. Returns at once, and never fails whoever tells.</summary>
public interface IRefusals
{
    void Tell(RefusedRequest refused);
}

/// <summary>Writes refusals into the log. Implemented by the Audit slice. Each may be asked again: the same is written once.</summary>
public interface IRefusalLog
{
    /// <summary>Writes down that something was refused.</summary>
    /// <returns>Where.</returns>
    Task<Answer<StreamId>> Record(Guid refusal, RefusedRequest refused, CancellationToken cancel);

    /// <summary>Writes down how often the same was refused again.</summary>
    /// <param name="stream">Where the first time stands.</param>
    Task<Answer<StreamId>> RecordAgain(Guid refusal, StreamId stream, int times, DateTimeOffset until, CancellationToken cancel);

    /// <summary>Writes down how many refusals were only counted.</summary>
    /// <param name="whose">Whose requests they were; <see cref="RefusedRequest.Nobody"/> for all others.</param>
    Task<Answer<StreamId>> RecordCount(
        Guid refusal, AccountId whose, int times, DateTimeOffset from, DateTimeOffset until, CancellationToken cancel);
}

/// <summary>Knows from where people's requests come. Implemented by the Audit slice.</summary>
public interface IAddressBook
{
    /// <summary>Which of a person's addresses that is: noted now, if it is new.</summary>
    /// <returns>From 1 on; null when it cannot be noted now.</returns>
    Task<int?> Number(AccountId who, string address, CancellationToken cancel);
}

/// <summary>A request that was refused.</summary>
/// <param name="Request">Its kind: <c>DeleteFile</c>; where no request came of it, the operation's id.</param>
/// <param name="Code">The refusal's.</param>
/// <param name="Actor">Who asked; null for whoever has not proved who they are.</param>
/// <param name="Email">Whom somebody said to be who signs in; kept in memory only: people type passwords there.</param>
/// <param name="Address">The network address that it came from. Personal.</param>
/// <param name="CorrelationId">The request's trace.</param>
public sealed record RefusedRequest(
    string Request, string Code, AccountId? Actor, string? Email, RequestTarget Target, string Address, string? CorrelationId)
{
    /// <summary>The account that somebody said to have who signs in otherwise than by address; it may be nobody's.</summary>
    public AccountId? Claimed { get; init; }

    /// <summary>Stands for whoever has no account, or none that is known.</summary>
    public static readonly AccountId Nobody = new(Guid.Empty);
}

/// <summary>What a request was about, as far as it says so.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RequestTarget(FileId? File, FolderId? Folder, AccountId? Account);

/// <summary>A part of a request that says what it is about, where its type does not.</summary>
public interface INamesTarget
{
    RequestTarget Target { get; }
}

/// <summary>A request with which somebody says who they are.</summary>
public interface ISignsIn
{
    /// <summary>The account's address, as it was typed; null where none was.</summary>
    string? Email => null;

    /// <summary>The account that somebody says to have; null where an address says it.</summary>
    AccountId? Claimed => null;
}

/// <summary>Reads the log as auditors ask. Goes through it in stretches: no index is kept for it.</summary>
public interface IAuditLog
{
    /// <summary>Up to where the log stands and will not change any more.</summary>
    Task<long> End(CancellationToken cancel);

    /// <summary>Events after a position, by position.</summary>
    /// <param name="after">0 for the beginning.</param>
    /// <param name="upto">No further than that.</param>
    /// <param name="limit">At most so many.</param>
    Task<AuditStretch> Read(AuditQuestion asked, long after, long upto, int limit, CancellationToken cancel);

    /// <summary>One event, or null.</summary>
    Task<AuditedEvent?> Find(Guid eventId, CancellationToken cancel);

    /// <summary>One event by its place in its stream, or null.</summary>
    Task<AuditedEvent?> Find(string stream, long version, CancellationToken cancel);
}

/// <summary>Which events an auditor wants to see. What is null does not matter.</summary>
/// <param name="Streams">Of streams with these names, or names that begin with one and a dash.</param>
/// <param name="Actor">Who asked for it.</param>
/// <param name="Person">Who asked for it, or whose it is.</param>
/// <param name="Kinds">Stored names, or how they begin up to a dot.</param>
/// <param name="NotKinds">The same, of those that are left out.</param>
/// <param name="From">Recorded then or later.</param>
/// <param name="To">Recorded before.</param>
public sealed record AuditQuestion(
    IReadOnlyList<string>? Streams, AccountId? Actor, AccountId? Person, IReadOnlyList<string>? Kinds, IReadOnlyList<string>? NotKinds,
    string? Correlation, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>What was found, and how far was looked: there may be more behind.</summary>
/// <param name="Upto">Everything up to here was looked at.</param>
/// <param name="IsEnd">Nothing is left up to where was asked.</param>
public sealed record AuditStretch(IReadOnlyList<AuditedEvent> Events, long Upto, bool IsEnd);

/// <summary>An event, and by which door it came.</summary>
/// <param name="Via">api, work, routine or operator; null for what was written before that was noted.</param>
/// <param name="Request">The kind of the request.</param>
/// <param name="AddressNumber">From which of the actor's addresses it came; null where that was not noted.</param>
public sealed record AuditedEvent(RecordedEvent Event, string? Via, string? Request, int? AddressNumber);

/// <summary>Stands where a fact cannot be read.</summary>
public sealed record UnreadableFact(bool CannotBeRead = true);
