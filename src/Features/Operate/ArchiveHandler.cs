using MediatR;
using Microsoft.Extensions.Logging;

namespace EventFiles.Features.Operate;

/// <summary>Takes out of the way what is over.</summary>
internal sealed partial class ArchiveHandler(IArchive archive, ArchiveOptions options, ILogger<ArchiveHandler> log) :
    IRequestHandler<ArchiveStreams, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(ArchiveStreams request, CancellationToken cancellationToken)
    {
        var streams = await archive.Run(options.Grace, isDryRun: false, cancellationToken).CountAsync(cancellationToken);
        if (streams > 0)
            Archived(log, streams);
        return new Done();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Archived {Streams} streams that were over")]
    private static partial void Archived(ILogger log, int streams);
}
