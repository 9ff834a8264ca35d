namespace EventFiles.Features.Bulk;

/// <summary>What was asked of many entries at once. Stored for ever: add cases, never change one.</summary>
public abstract record BulkEvent
{
    private BulkEvent() { }

    /// <summary>All have been asked for. What became of each stands in its own stream.</summary>
    /// <param name="Verb">What was to be done: a word of the API.</param>
    /// <param name="Items">How many entries there were.</param>
    /// <param name="Refused">For how many of them the answer was no.</param>
    public sealed record Ended(Guid Bulk, string Verb, int Items, int Refused) : BulkEvent;
}
