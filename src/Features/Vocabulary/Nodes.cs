namespace EventFiles.Features.Vocabulary;

/// <summary>
/// The nodes that work on one log. Each start of the program is a node of its own, also where another ran before: what
/// that one had begun and not ended is open to others as soon as it is known to be dead.
/// </summary>
public interface INodes
{
    /// <summary>This start of the program.</summary>
    Guid This { get; }

    /// <summary>
    /// Whether that node may be at work. A process that ended is known to be dead at once, a machine that vanished within
    /// ten seconds; who is cut off from the database counts as dead, although it may still work.
    /// </summary>
    Task<bool> Lives(Guid node, CancellationToken cancel);
}
