using FluentValidation;
using MediatR;

namespace EventFiles.Features.Marks;

/// <summary>Makes a file or folder one of the caller's favourites, or none.</summary>
public sealed record SetFavourite(Caller By, Guid Entry, bool IsFolder, bool IsFavourite) : IRequest<Answer<Done>>, IAsked;

/// <summary>Puts one of the caller's tags on a file or folder, or takes it off.</summary>
public sealed record SetTag(Caller By, Guid Entry, bool IsFolder, TagId Tag, bool IsTagged) : IRequest<Answer<Done>>, IAsked;

/// <summary>The caller's favourites, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListFavourites(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<MarkedEntry>>>, IAsked;

/// <summary>What bears one of the caller's tags, newest first.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListTagged(Caller By, TagId Tag, string? Cursor, int Limit) : IRequest<Answer<Page<MarkedEntry>>>, IAsked;

/// <summary>How the caller marked some files and folders.</summary>
/// <param name="Entries">At most 1000 ids.</param>
public sealed record ReadMarks(Caller By, IReadOnlyList<Guid>? Entries) : IRequest<Answer<MarksReply>>, IAsked;

/// <summary>The caller's tags, by name.</summary>
/// <param name="Cursor">A former page's end, or null.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record ListTags(Caller By, string? Cursor, int Limit) : IRequest<Answer<Page<TagReply>>>, IAsked;

/// <summary>Makes a tag.</summary>
public sealed record CreateTag(Caller By, string Name) : IRequest<Answer<TagReply>>, IAsked;

/// <summary>Gives a tag another name.</summary>
public sealed record RenameTag(Caller By, TagId Tag, string Name) : IRequest<Answer<TagReply>>, IAsked;

/// <summary>Removes a tag from wherever it is.</summary>
public sealed record DeleteTag(Caller By, TagId Tag) : IRequest<Answer<Done>>, IAsked;

/// <summary>A tag.</summary>
/// <param name="Name">As its owner gave it.</param>
public sealed record TagReply(TagId Id, string Name);

/// <summary>How some files and folders are marked.</summary>
/// <param name="Items">Those that are marked at all, in the order of the question.</param>
public sealed record MarksReply(IReadOnlyList<EntryMarks> Items);

/// <summary>How a file or folder is marked.</summary>
/// <param name="Id">A file's or a folder's id.</param>
/// <param name="Favourite">Whether it is a favourite.</param>
/// <param name="Tags">The tags that it bears.</param>
public sealed record EntryMarks(Guid Id, bool Favourite, IReadOnlyList<TagReply> Tags);

/// <summary>A file or folder that is marked.</summary>
/// <param name="Kind">file or folder.</param>
/// <param name="Id">A file's or a folder's id.</param>
/// <param name="FolderId">The folder that it is in.</param>
/// <param name="SizeBytes">Bytes of a file's current version; 0 for a folder.</param>
/// <param name="ContentType">A file's media type; null for a folder.</param>
/// <param name="Status">A file's status; null for a folder.</param>
/// <param name="Version">A file's current version; 0 for a folder.</param>
/// <param name="Thumbnail">The name of the variant that is a small picture of the file; null while there is none.</param>
/// <param name="MarkedAt">When it became a favourite, or got the tag.</param>
public sealed record MarkedEntry(
    string Kind, Guid Id, string Name, FolderId? FolderId,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes, string? ContentType, string? Status,
    int Version, string? Thumbnail, DateTimeOffset MarkedAt);

internal sealed class ListFavouritesShape : AbstractValidator<ListFavourites>
{
    public ListFavouritesShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class ListTaggedShape : AbstractValidator<ListTagged>
{
    public ListTaggedShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class ListTagsShape : AbstractValidator<ListTags>
{
    public ListTagsShape() => RuleFor(ask => ask.Limit).InclusiveBetween(1, 1000);
}

internal sealed class ReadMarksShape : AbstractValidator<ReadMarks>
{
    public ReadMarksShape() => RuleFor(ask => ask.Entries).Must(entries => entries is { Count: <= 1000 })
        .WithMessage("At most 1000 entries.");
}

internal sealed class CreateTagShape : AbstractValidator<CreateTag>
{
    public CreateTagShape() => RuleFor(ask => ask.Name).IsTag();
}

internal sealed class RenameTagShape : AbstractValidator<RenameTag>
{
    public RenameTagShape() => RuleFor(ask => ask.Name).IsTag();
}

internal static class TagShape
{
    public static void IsTag<TAsk>(this IRuleBuilder<TAsk, string> rule) => rule.Custom((name, shape) =>
    {
        if (TagDecider.Problem(name) is { } problem)
            shape.AddFailure(problem);
    });
}
