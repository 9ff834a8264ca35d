using System.Collections.Immutable;
using EventFiles.Features.Process.Processors;

namespace EventFiles.Features.Process;

/// <summary>Every processor there is. A new one is a file in the folder Processors and a line here.</summary>
public static class ProcessorRegistry
{
    /// <summary>In the order of a new version's pipeline: what people wait for before what is looked up.</summary>
    public static readonly ImmutableArray<Processor> All =
    [
        new Thumbnail(),
        new Resize(),
        new Webp(),
        new Avif(),
        new Watermark(),
        new PdfThumbnail(),
        new PdfPreview(),
        new VideoPoster(),
        new AudioWaveform(),
        new Metadata(),
        new Text(),
        new ArchiveListing(),
        new Render(),
    ];

    private static readonly ImmutableHashSet<string> Long =
    [
        .. from processor in All
           from type in processor.ContentTypes
           from options in processor.OfEveryVersion(type)
           where processor.Order(type, options).Source.IsLong()
           select type,
    ];

    /// <summary>Whether what is made of every new version of this type takes long: it waits in a line of its own.</summary>
    public static bool IsLong(string contentType) => Long.Contains(contentType);

    /// <summary>By name, or null.</summary>
    public static Processor? Find(string name) =>
        All.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.Ordinal));

    /// <summary>What is done with every new version of this type.</summary>
    /// <param name="tools">What is installed: of what needs more, nothing is planned, and so nothing fails.</param>
    public static ImmutableArray<PlannedStep> StepsFor(string contentType, Func<JobId> newJob, ITools tools) =>
    [
        .. from processor in All
           where processor.CanTake(contentType, tools)
           from options in processor.OfEveryVersion(contentType)
           select processor.Step(newJob(), options),
    ];

    /// <summary>Whether something is made of every new version of this type, where there is all that it takes.</summary>
    public static bool Concerns(string contentType) =>
        All.Any(processor => processor.Takes(contentType) && processor.OfEveryVersion(contentType).Any());

    /// <summary>Whether what this version of a processor made is no longer what it would make today.</summary>
    /// <param name="processor">Its name; what one made that is no longer there stays as it is.</param>
    /// <param name="madeBy">The version that made it; null while nothing is made.</param>
    public static bool IsStale(string processor, string? madeBy) =>
        madeBy is not null && Find(processor) is { } today && !string.Equals(today.Version, madeBy, StringComparison.Ordinal);
}
