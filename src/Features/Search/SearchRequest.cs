using FluentValidation;
using MediatR;

namespace EventFiles.Features.Search;

/// <summary>Finds files that the caller may read. What is left out does not matter.</summary>
/// <param name="Text">Words, "phrases", -without, begin*; empty finds everything that the rest allows.</param>
/// <param name="Type">A media type, or the part before its slash.</param>
/// <param name="From">The current version is from then or later.</param>
/// <param name="To">The current version is from before that.</param>
/// <param name="Folder">Or below it.</param>
/// <param name="Tag">One of the caller's.</param>
/// <param name="IsTrashed">What is in the caller's trash, and nothing else.</param>
public sealed record SearchFiles(
    Caller By, string Text, string? Type, long? MinBytes, long? MaxBytes, DateTimeOffset? From, DateTimeOffset? To,
    FolderId? Folder, AccountId? Owner, TagId? Tag, bool IsTrashed, string? Cursor, int Limit) : IRequest<Answer<Page<FoundFile>>>, IAsked;

/// <summary>Has the text of a version searched in.</summary>
public sealed record KeepText(AccountId Owner, FileId File, int Version, ObjectKey StoredAs) : IWork;

/// <summary>Reads texts that were made and are not kept.</summary>
public sealed record KeepMissingTexts : IRequest<Answer<Done>>;

/// <summary>A file that was found.</summary>
/// <param name="File">As it is now.</param>
/// <param name="IsShared">It is another's, who shares it with the caller.</param>
/// <param name="NameMarks">What of its name fits.</param>
/// <param name="Text">What of its text fits; null when nothing of it does, or there is none.</param>
public sealed record FoundFile(FileSummary File, bool IsShared, IReadOnlyList<SearchMark> NameMarks, SearchSnippet? Text);

/// <summary>A stretch of a text. Plain text: whoever shows it marks it.</summary>
/// <param name="Start">In UTF-16 units, from 0.</param>
/// <param name="Length">In UTF-16 units.</param>
public sealed record SearchMark(int Start, int Length);

/// <summary>Some of a file's text, as it stands there.</summary>
/// <param name="Text">Plain text: nothing in it is markup, whatever it looks like.</param>
/// <param name="Marks">What of it fits.</param>
public sealed record SearchSnippet(string Text, IReadOnlyList<SearchMark> Marks);

internal sealed class SearchFilesShape : AbstractValidator<SearchFiles>
{
    public SearchFilesShape()
    {
        RuleFor(ask => ask.Text).MaximumLength(500).OverridePropertyName("q");
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 100);
        RuleFor(ask => ask.MinBytes).GreaterThanOrEqualTo(0).OverridePropertyName("minSize");
        RuleFor(ask => ask.MaxBytes).GreaterThanOrEqualTo(0).OverridePropertyName("maxSize");
        RuleFor(ask => ask.Type).Must(type => type is null || IsType(type)).WithMessage("A type is like image or image/png.");
    }

    private static bool IsType(string type) =>
        type.Length is > 0 and <= 127 && type.Count(letter => letter == '/') <= 1 && type[0] != '/'
        && type.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '-' or '+' or '.');
}
