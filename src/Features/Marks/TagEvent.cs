namespace EventFiles.Features.Marks;

/// <summary>What happened to a person's tag. Stored for ever: add cases, never change one.</summary>
public abstract record TagEvent
{
    private TagEvent() { }

    /// <summary>It can be put on files and folders.</summary>
    public sealed record Created(TagId Tag, AccountId Owner, [Personal] string Name) : TagEvent;

    /// <summary>It reads otherwise, wherever it is.</summary>
    public sealed record Renamed(TagId Tag, AccountId Owner, [Personal] string Name) : TagEvent;

    /// <summary>It is gone, from wherever it was.</summary>
    public sealed record Deleted(TagId Tag) : TagEvent;
}
