using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Process;

/// <summary>What happens to a new version of a file, in this order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProcessStage>))]
public enum ProcessStage
{
    /// <summary>The virus scanner looks at it, where there is one. Under <c>require</c> everything else waits for its verdict.</summary>
    [JsonStringEnumMemberName("scan")]
    Scan,

    /// <summary>What it is: dimensions, pages, what is in an archive.</summary>
    [JsonStringEnumMemberName("inspect")]
    Inspect,

    /// <summary>Smaller pictures, in other formats.</summary>
    [JsonStringEnumMemberName("renditions")]
    Renditions,

    /// <summary>Its text, where a processor must extract it.</summary>
    [JsonStringEnumMemberName("text")]
    Text,

    /// <summary>It is found by its name, and by its text when that is there.</summary>
    [JsonStringEnumMemberName("index")]
    Index,
}

/// <summary>The chain of each type, as one table. What runs it are events: a plan begins its steps, a verdict lets them go on, a text is indexed.</summary>
public static class ProcessChain
{
    /// <summary>Every type of which something is made by itself, by name; all others are scanned and indexed only.</summary>
    /// <param name="tools">What is installed.</param>
    public static ImmutableArray<TypeChain> All(ITools tools) =>
    [
        .. ProcessorRegistry.All.SelectMany(processor => processor.ContentTypes).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).Select(type => new TypeChain(type, Of(type, tools))).Where(chain => chain.Stages.Count > 2),
    ];

    /// <summary>The stages of a type that have anything to do.</summary>
    public static IReadOnlyList<ChainStage> Of(string contentType, ITools tools)
    {
        var steps = ProcessorRegistry.StepsFor(contentType, () => default, tools)
            .ToLookup(step => ProcessorRegistry.Find(step.Processor)!.Stage, step => step.Variant);
        return
        [
            new(ProcessStage.Scan, []),
            .. ((ProcessStage[])[ProcessStage.Inspect, ProcessStage.Renditions, ProcessStage.Text])
                .Where(steps.Contains).Select(stage => new ChainStage(stage, [.. steps[stage]])),
            new(ProcessStage.Index, []),
        ];
    }
}

/// <summary>What happens to every new version of a type.</summary>
/// <param name="ContentType">The media type.</param>
/// <param name="Stages">In their order.</param>
public sealed record TypeChain(string ContentType, IReadOnlyList<ChainStage> Stages);

/// <summary>One stage.</summary>
/// <param name="Stage">scan, inspect, renditions, text or index.</param>
/// <param name="Variants">What is made: the steps of <c>getFileStatus</c> have these variants. None where nothing is made.</param>
public sealed record ChainStage(ProcessStage Stage, IReadOnlyList<string> Variants);
