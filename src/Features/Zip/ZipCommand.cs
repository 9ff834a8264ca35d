using System.Collections.Immutable;

namespace EventFiles.Features.Zip;

public abstract record ZipCommand
{
    private ZipCommand() { }

    public sealed record Select(ArchiveId Archive, ImmutableArray<ZipItem> Items, DateTimeOffset Until) : ZipCommand;
}
