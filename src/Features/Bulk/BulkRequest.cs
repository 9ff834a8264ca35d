using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Bulk;

/// <summary>One thing that is to be done with many files and folders, each by itself.</summary>
/// <param name="Items">1 to 1000.</param>
/// <param name="Folder">Where to, for what goes somewhere.</param>
/// <param name="Tag">Which, for what has to do with tags.</param>
public sealed record DoInBulk(Caller By, BulkVerb Verb, IReadOnlyList<BulkItem>? Items, FolderId? Folder, TagId? Tag) :
    IRequest<Answer<BulkOutcomes>>, IAsked;

/// <summary>A file or folder.</summary>
/// <param name="Kind">file or folder.</param>
/// <param name="Id">Its id.</param>
public sealed record BulkItem([property: JsonConverter(typeof(BulkKindJson))] BulkKind Kind, Guid Id);

public enum BulkKind { File, Folder }

/// <summary>What became of each, in the order of the question.</summary>
public sealed record BulkOutcomes(IReadOnlyList<BulkOutcome> Items);

/// <summary>What became of one.</summary>
/// <param name="Code">Of the refusal; null when it was done, or already so.</param>
public sealed record BulkOutcome(BulkItem Item, string? Code, RejectionKind Kind, string? Detail);

/// <summary>Kinds are words in JSON.</summary>
internal sealed class BulkKindJson() : JsonStringEnumConverter<BulkKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

internal sealed class DoInBulkShape : AbstractValidator<DoInBulk>
{
    /// <summary>How many entries one request may name.</summary>
    public const int MaxItems = 1000;

    public DoInBulkShape()
    {
        RuleFor(ask => ask.Verb).IsInEnum();
        RuleFor(ask => ask.Items).Must(items => items is { Count: > 0 and <= MaxItems } && items.All(item => item is not null))
            .WithMessage("1 to 1000 items.");
        RuleFor(ask => ask.Folder).NotNull().When(ask => ask.Verb is BulkVerb.Move or BulkVerb.Copy)
            .WithName("folderId").WithMessage("Say where to.");
        RuleFor(ask => ask.Tag).NotNull().When(ask => ask.Verb is BulkVerb.Tag or BulkVerb.Untag)
            .WithName("tagId").WithMessage("Say which tag.");
    }
}
