using MediatR;

namespace EventFiles.Features.Operate;

/// <summary>How all projections stand.</summary>
public sealed record ListProjections(Caller By) : IRequest<Answer<ProjectionList>>, IAsked;

/// <summary>How one projection stands.</summary>
public sealed record ReadProjection(Caller By, string Name) : IRequest<Answer<ProjectionStatus>>, IAsked;

/// <summary>An operator wishes something of a projection. The reply says how it stood; it follows soon.</summary>
public sealed record AskProjection(Caller By, string Name, ProjectionWish Wish) : IRequest<Answer<ProjectionStatus>>, IAsked;

/// <summary>How a projection's shadow differs from its live views.</summary>
public sealed record DiffProjection(Caller By, string Name) : IRequest<Answer<ProjectionDiff>>, IAsked;

/// <summary>The events that projections could not take.</summary>
public sealed record ListParkedEvents(Caller By) : IRequest<Answer<ParkedList>>, IAsked;

/// <summary>The work that was given up.</summary>
public sealed record ListDeadLetters(Caller By) : IRequest<Answer<DeadLetterList>>, IAsked;

/// <summary>One piece of work that was given up.</summary>
public sealed record ReadDeadLetter(Caller By, Guid Letter) : IRequest<Answer<DeadLetter>>, IAsked;

/// <summary>An operator has mended the cause: the work is to be tried again.</summary>
public sealed record RetryDeadLetter(Caller By, Guid Letter) : IRequest<Answer<DeadLetter>>, IAsked;

/// <summary>An operator gives up too: nobody will do the work.</summary>
public sealed record DiscardDeadLetter(Caller By, Guid Letter) : IRequest<Answer<Done>>, IAsked;

/// <summary>How much work of each kind waits and runs.</summary>
public sealed record ListQueues(Caller By) : IRequest<Answer<QueueList>>, IAsked;

/// <summary>All projections.</summary>
/// <param name="Items">By name.</param>
public sealed record ProjectionList(IReadOnlyList<ProjectionStatus> Items);

/// <summary>All parked events.</summary>
/// <param name="Items">Oldest first.</param>
public sealed record ParkedList(IReadOnlyList<ParkedStatus> Items);

/// <summary>The work that was given up.</summary>
/// <param name="Items">Oldest first; a thousand at most.</param>
public sealed record DeadLetterList(IReadOnlyList<DeadLetter> Items);

/// <summary>All queues of which a running node has told.</summary>
/// <param name="Items">By kind.</param>
public sealed record QueueList(IReadOnlyList<QueueStatus> Items);

/// <summary>What an operator's requests answer when they do not what was asked.</summary>
public static class OperateRejection
{
    public static readonly Rejection AdministratorsOnly = new(
        "operate.administrators-only", RejectionKind.Forbidden, "Only an administrator operates the server.");

    public static readonly Rejection NoSuchProjection = new(
        "operate.no-such-projection", RejectionKind.Missing, "There is no projection of that name.");

    public static readonly Rejection NoSuchLetter = new(
        "operate.no-such-dead-letter", RejectionKind.Missing, "There is no such dead letter.");

    public static readonly Rejection Paused = new(
        "operate.projection-paused", RejectionKind.Conflict, "The projection is paused; resume it first.");

    public static readonly Rejection NotCompared = new(
        "operate.not-compared", RejectionKind.Missing, "Nothing has been compared since the last rebuild began.");
}
