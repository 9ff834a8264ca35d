using MediatR;
using No = EventFiles.Features.Operate.OperateRejection;

namespace EventFiles.Features.Operate;

/// <summary>Passes on operators' wishes, to administrators alone.</summary>
internal sealed class OperateHandler(IProjections projections) :
    IRequestHandler<ListProjections, Answer<ProjectionList>>,
    IRequestHandler<ReadProjection, Answer<ProjectionStatus>>,
    IRequestHandler<AskProjection, Answer<ProjectionStatus>>,
    IRequestHandler<DiffProjection, Answer<ProjectionDiff>>,
    IRequestHandler<ListParkedEvents, Answer<ParkedList>>
{
    public async Task<Answer<ProjectionList>> Handle(ListProjections ask, CancellationToken cancellationToken) =>
        ask.By.IsAdministrator
            ? new ProjectionList(await projections.List(cancellationToken))
            : No.AdministratorsOnly;

    public Task<Answer<ProjectionStatus>> Handle(ReadProjection ask, CancellationToken cancellationToken) =>
        Find(ask.By, ask.Name, cancellationToken);

    public async Task<Answer<ProjectionStatus>> Handle(AskProjection ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.Name, cancellationToken);
        if (found is not Answer<ProjectionStatus>.Yes(var status, _))
            return found;
        // Two generations are compared where both stand, and a paused one stands somewhere else.
        if (status.Paused && ask.Wish is ProjectionWish.Rebuild or ProjectionWish.RebuildAndCompare)
            return No.Paused;
        await projections.Ask([ask.Name], ask.Wish, cancellationToken);
        return await Find(ask.By, ask.Name, cancellationToken);
    }

    public async Task<Answer<ProjectionDiff>> Handle(DiffProjection ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.Name, cancellationToken);
        if (found.Refusal is { } why)
            return why;
        return await projections.Diff(ask.Name, cancellationToken) is { } diff ? diff : No.NotCompared;
    }

    public async Task<Answer<ParkedList>> Handle(ListParkedEvents ask, CancellationToken cancellationToken) =>
        ask.By.IsAdministrator
            ? new ParkedList(await projections.Parked(cancellationToken))
            : No.AdministratorsOnly;

    private async Task<Answer<ProjectionStatus>> Find(Caller by, string name, CancellationToken cancel)
    {
        if (!by.IsAdministrator)
            return No.AdministratorsOnly;
        var all = await projections.List(cancel);
        return all.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.Ordinal)) is { } status
            ? status
            : No.NoSuchProjection;
    }
}
