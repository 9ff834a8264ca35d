using System.Diagnostics;
using System.Text;
using static EventFiles.Features.Marks.TagCommand;
using static EventFiles.Features.Marks.TagEvent;
using No = EventFiles.Features.Marks.MarksRejection;

namespace EventFiles.Features.Marks;

/// <summary>One tag of one person. That no two read alike is seen to by claims.</summary>
public sealed record TagState(bool Exists, string Name);

public static class TagDecider
{
    /// <summary>The longest name, in UTF-8 bytes.</summary>
    public const int MaxBytes = 100;

    public static readonly Decider<TagCommand, TagState, TagEvent> Decider = new(new TagState(false, ""), Evolve, Decide);

    public static StreamId StreamOf(TagId tag, AccountId owner) => new($"tag-{tag}", owner);

    /// <summary>Within a person's tags a name is unique, whatever its case.</summary>
    public static Claim Claim(TagId tag, AccountId owner, string name) =>
        Vocabulary.Claim.Of(HolderOf(tag), $"tags-{owner}", EntryName.Key(name), No.TagTaken);

    public static Claim NoClaim(TagId tag) => Vocabulary.Claim.None(HolderOf(tag));

    /// <summary>Why this cannot be a tag, in one sentence; null when it can.</summary>
    public static string? Problem(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "A tag has at least one visible character."
        : Encoding.UTF8.GetByteCount(name) > MaxBytes ? "A tag has at most 100 bytes in UTF-8."
        : EntryName.Problem(name.Replace('/', '-').Replace('\\', '-')) is null || name is "." or ".." ? null
        : "A tag has no control, direction-changing or broken characters.";

    private static string HolderOf(TagId tag) => $"tag-{tag}";

    // Read from the top: the first row that matches is the rule.
    private static Decision<TagEvent> Decide(TagState tag, TagCommand ask, DateTimeOffset now) => ask switch
    {
        Create when tag.Exists => Decision<TagEvent>.AlreadySo,
        Create create => new Created(create.Tag, create.Owner, create.Name),
        Remove when !tag.Exists => Decision<TagEvent>.AlreadySo,
        Remove remove => new Deleted(remove.Tag),
        Rename when !tag.Exists => No.NoSuchTag,
        Rename rename when rename.Name == tag.Name => Decision<TagEvent>.AlreadySo,
        Rename rename => new Renamed(rename.Tag, rename.Owner, rename.Name),
        _ => throw new UnreachableException(),
    };

    private static TagState Evolve(TagState tag, TagEvent happened) => happened switch
    {
        Created created => new TagState(true, created.Name),
        Renamed renamed => tag with { Name = renamed.Name },
        Deleted => tag with { Exists = false },
        _ => throw new UnreachableException(),
    };
}
