using MediatR;
using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>Who has what made anew.</summary>
internal sealed class RerunHandler(Reruns reruns, IReadModel<ProcessView> views, IAccess access, IFiles files) :
    IRequestHandler<RerunFile, Answer<RerunReply>>,
    IRequestHandler<RerunPage, Answer<RerunReply>>
{
    public async Task<Answer<RerunReply>> Handle(RerunFile ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Edit, cancellationToken);
        if (asked is not Answer<Vocabulary.FileAccess>.Yes(var may, _))
            return asked.Refusal!;
        if (may.IsTrashed || may.IsDeleted || await files.Find(ask.File, cancellationToken) is not { Sha256: not null } file)
            return No.NotReady;
        var planned = await reruns.Plan(Content(file, may.Owner), ask.Where, isDryRun: false, cancellationToken);
        return planned.Map(steps => new RerunReply(1, steps > 0 ? 1 : 0, steps, null));
    }

    public async Task<Answer<RerunReply>> Handle(RerunPage ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        var page = await views.List(ProcessProjection.Files, ask.Cursor, ask.Limit, descending: false, cancellationToken);
        var reply = new RerunReply(page.Items.Count, 0, 0, page.NextCursor);
        var position = 0L;
        foreach (var view in page.Items)
        {
            if (await files.Find(view.File, cancellationToken) is not { Sha256: not null } file
                || file.Status is FileStatus.Trashed or FileStatus.Deleted)
            {
                continue;
            }

            // A file that goes away meanwhile, or has as many variants as there may be, holds up no other.
            if (await reruns.Plan(Content(file, view.Owner), ask.Where, ask.DryRun, cancellationToken) is Answer<int>.Yes(> 0 and var steps, var at))
                (reply, position) = (reply with { Files = reply.Files + 1, Steps = reply.Steps + steps }, Math.Max(position, at));
        }

        return new Answer<RerunReply>.Yes(reply, position);
    }

    private static FileContent Content(FileSummary file, AccountId owner) =>
        new(file.Id, owner, file.Version, file.StoredAs, file.ContentType, file.SizeBytes);
}
