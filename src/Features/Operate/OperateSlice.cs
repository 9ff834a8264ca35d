using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Operate;

/// <summary>What operators ask of a running server.</summary>
public static class OperateSlice
{
    public static Slice Define() => new Slice("operate")
        .Serves(OperateEndpoint.Map)
        .Answers<ListProjections, ProjectionList, OperateHandler>()
        .Answers<ReadProjection, ProjectionStatus, OperateHandler>()
        .Answers<AskProjection, ProjectionStatus, OperateHandler>()
        .Answers<DiffProjection, ProjectionDiff, OperateHandler>()
        .Answers<ListParkedEvents, ParkedList, OperateHandler>()
        .Answers<ListDeadLetters, DeadLetterList, QueueHandler>()
        .Answers<ReadDeadLetter, DeadLetter, QueueHandler>()
        .Answers<RetryDeadLetter, DeadLetter, QueueHandler>()
        .Answers<DiscardDeadLetter, Done, QueueHandler>()
        .Answers<ListQueues, QueueList, QueueHandler>()
        .Answers<ArchiveStreams, Done, ArchiveHandler>()
        .Repeats(services => services.GetRequiredService<ArchiveOptions>().Every, _ => new ArchiveStreams())
        .Needs(services => services.AddSingleton(all => ArchiveOptions.From(all.GetRequiredService<IConfiguration>())));
}
