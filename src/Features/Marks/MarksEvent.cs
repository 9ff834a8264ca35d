namespace EventFiles.Features.Marks;

/// <summary>How a person marked a file or folder for themselves. Stored for ever: add cases, never change one.</summary>
public abstract record MarksEvent
{
    private MarksEvent() { }

    /// <summary>It is one of their favourites.</summary>
    /// <param name="Entry">A file's or a folder's id.</param>
    public sealed record Favoured(Guid Entry, bool IsFolder) : MarksEvent;

    /// <summary>It is none any more.</summary>
    public sealed record Unfavoured(Guid Entry) : MarksEvent;

    /// <summary>It bears one of their tags.</summary>
    public sealed record Tagged(Guid Entry, bool IsFolder, TagId Tag) : MarksEvent;

    /// <summary>It does not bear it any more.</summary>
    public sealed record Untagged(Guid Entry, TagId Tag) : MarksEvent;
}
