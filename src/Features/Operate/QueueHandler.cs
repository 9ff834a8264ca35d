using MediatR;
using No = EventFiles.Features.Operate.OperateRejection;

namespace EventFiles.Features.Operate;

/// <summary>Shows administrators what waits and what was given up, and passes on what they decide about the latter.</summary>
internal sealed class QueueHandler(IDeadLetters letters, IQueues queues) :
    IRequestHandler<ListDeadLetters, Answer<DeadLetterList>>,
    IRequestHandler<ReadDeadLetter, Answer<DeadLetter>>,
    IRequestHandler<RetryDeadLetter, Answer<DeadLetter>>,
    IRequestHandler<DiscardDeadLetter, Answer<Done>>,
    IRequestHandler<ListQueues, Answer<QueueList>>
{
    private const int AtOnce = 1000;

    public async Task<Answer<DeadLetterList>> Handle(ListDeadLetters ask, CancellationToken cancellationToken) =>
        ask.By.IsAdministrator
            ? new DeadLetterList(await letters.List(AtOnce, cancellationToken))
            : No.AdministratorsOnly;

    public Task<Answer<DeadLetter>> Handle(ReadDeadLetter ask, CancellationToken cancellationToken) =>
        Find(ask.By, ask.Letter, cancellationToken);

    public async Task<Answer<DeadLetter>> Handle(RetryDeadLetter ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.Letter, cancellationToken);
        if (found is not Answer<DeadLetter>.Yes(var letter, _))
            return found;
        return await letters.Retry(letter.Id, cancellationToken) ? letter with { Retrying = true } : No.NoSuchLetter;
    }

    public async Task<Answer<Done>> Handle(DiscardDeadLetter ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        return await letters.Discard(ask.Letter, cancellationToken) ? new Done() : No.NoSuchLetter;
    }

    public async Task<Answer<QueueList>> Handle(ListQueues ask, CancellationToken cancellationToken) =>
        ask.By.IsAdministrator
            ? new QueueList(await queues.List(cancellationToken))
            : No.AdministratorsOnly;

    private async Task<Answer<DeadLetter>> Find(Caller by, Guid id, CancellationToken cancel)
    {
        if (!by.IsAdministrator)
            return No.AdministratorsOnly;
        return await letters.Find(id, cancel) is { } letter ? letter : No.NoSuchLetter;
    }
}
