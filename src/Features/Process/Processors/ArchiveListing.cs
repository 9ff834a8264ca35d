using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>What is in an archive, without unpacking it.</summary>
public sealed class ArchiveListing() : Processor("archive_listing", "1", "The names and sizes of what is in a ZIP or tar archive, as JSON.")
{
    public override ProcessStage Stage => ProcessStage.Inspect;

    public override ImmutableArray<string> ContentTypes =>
        ["application/zip", "application/java-archive", "application/x-tar", "application/gzip"];

    public override string VariantOf(ProcessorOptions options) => Name;

    public override RenderOrder Order(string contentType, ProcessorOptions options) =>
        new(RenderSource.Archive, 0, 0, RenderFormat.Json);
}
