using MediatR;

namespace EventFiles.Features.Share;

/// <summary>Tells who could open a file in a time gone by, and when links opened it: from the log alone, by today's rules.</summary>
internal sealed class AccessPastHandler(
    IStreams streams, IAccess access, IReadModel<AccessView> views, IGroups groups, IAccounts accounts) :
    IRequestHandler<ReadAccessPast, Answer<AccessPastReply>>
{
    public async Task<Answer<AccessPastReply>> Handle(ReadAccessPast ask, CancellationToken cancellationToken)
    {
        // An auditor opens nothing, and learns who could.
        var isForAuditor = ask.By.IsAuditor
            && await views.Find(ask.File.ToString(), cancellationToken) is { Owner: not null };
        if (!isForAuditor && (await access.Ask(ask.By, ask.File, FileAction.Own, cancellationToken)).Refusal is { } no)
            return no;
        var (from, to) = (ask.From.ToUniversalTime(), ask.To.ToUniversalTime());
        var told = await Told(ask.File, cancellationToken);
        var gathered = await groups.Past(
            [.. told.Select(happened => happened.Fact).OfType<ShareEvent.Granted>()
                .Where(granted => granted.Grantee.IsGroup).Select(granted => new GroupId(granted.Grantee.Id)).Distinct()],
            cancellationToken);
        return new AccessPastReply(
            ask.File, from, to, await People(new AccessPast(ask.File, isVeiled: !isForAuditor), told, gathered, from, to, cancellationToken),
            await Links(ask.File, from, to, cancellationToken));
    }

    // The file's own streams, then those of every folder that it was in or that was above one of these, whenever.
    private async Task<IReadOnlyList<RecordedEvent>> Told(FileId file, CancellationToken cancel)
    {
        var told = new List<RecordedEvent>();
        var (open, seen) = (new Queue<FolderId>(), new HashSet<FolderId>());
        await Read([$"upload-{file}", $"file-{file}", $"delete-{file}", $"share-{file}"]);
        while (open.TryDequeue(out var folder))
            await Read([$"folder-{folder}", $"space-{folder}", $"share-{folder}"]);
        return [.. told.OrderBy(happened => happened.Position)];

        async Task Read(IReadOnlyList<string> names)
        {
            await foreach (var happened in streams.ReadMerged(names, cancel))
            {
                told.Add(happened);
                if (AccessPast.FolderIn(happened.Fact) is { } folder && seen.Add(folder))
                    open.Enqueue(folder);
            }
        }
    }

    private async Task<IReadOnlyList<AccessSpan>> People(
        AccessPast past, IReadOnlyList<RecordedEvent> told, IReadOnlyList<GroupMoment> gathered, DateTimeOffset from, DateTimeOffset to,
        CancellationToken cancel)
    {
        var ends = told.Select(happened => AccessPast.EndIn(happened.Fact)).OfType<DateTimeOffset>();
        var moments = told.Select(happened => happened.At).Concat(gathered.Select(moment => moment.At)).Concat(ends)
            .Where(at => at > from && at < to).Append(from).Distinct().Order().ToList();
        var (spans, open) = (new List<(AccountId Who, Standing As, DateTimeOffset From, DateTimeOffset To)>(),
            new Dictionary<AccountId, (Standing As, DateTimeOffset Since)>());
        var (next, group) = (0, 0);
        foreach (var at in moments)
        {
            cancel.ThrowIfCancellationRequested();
            while (next < told.Count || group < gathered.Count)
            {
                var isGroup = next == told.Count || (group < gathered.Count && gathered[group].Position < told[next].Position);
                if ((isGroup ? gathered[group].At : told[next].At) > at)
                    break;
                if (isGroup)
                    past.Take(gathered[group++]);
                else
                    past.Take(told[next++]);
            }

            foreach (var account in past.Known)
            {
                var standing = await past.Of(account, at);
                var could = AccessRules.Judge(standing, past.State, FileAction.Read) is Verdict.Allowed && past.State is not FileState.Deleted;
                if (open.TryGetValue(account, out var was) && (!could || was.As != standing))
                {
                    spans.Add((account, was.As, was.Since, at));
                    open.Remove(account);
                }

                if (could)
                    open.TryAdd(account, (standing, at));
            }
        }

        spans.AddRange(open.Select(one => (one.Key, one.Value.As, one.Value.Since, to)));
        return
        [
            .. await Task.WhenAll(spans.OrderBy(span => span.From).ThenBy(span => span.Who.Value).Select(async span => new AccessSpan(
                past.AddressOf(span.Who) is var (share, email)
                    ? ShareParty.Of(share, email)
                    : ShareParty.Of(span.Who, await accounts.Find(span.Who, cancel)),
                Word(span.As), span.From, span.To))),
        ];
    }

    private async Task<IReadOnlyList<LinkSpan>> Links(FileId file, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var links = new Dictionary<LinkId, LinkSpan>();
        await foreach (var happened in streams.ReadMerged([LinkDecider.StreamsOf(file)], cancel))
        {
            switch (happened.Fact)
            {
                case LinkEvent.Created made:
                    links[made.Link] = new LinkSpan(made.Link, made.HasPassword, happened.At, made.Until, []);
                    break;
                case LinkEvent.Used used when happened.At >= from && happened.At <= to:
                    links[used.Link] = links[used.Link] with { DownloadedAt = [.. links[used.Link].DownloadedAt, happened.At] };
                    break;
                case LinkEvent.Revoked revoked:
                    links[revoked.Link] = links[revoked.Link] with { To = Earlier(links[revoked.Link].To, happened.At) };
                    break;
            }
        }

        return [.. links.Values.Where(link => link.From <= to && !(link.To <= from))];
    }

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one < other ? one.Value : other;

    private static string Word(Standing standing) => standing switch
    {
        Standing.Owner => "owner",
        Standing.Editor or Standing.SharingEditor => "editor",
        Standing.Commenter => "commenter",
        _ => "viewer",
    };
}
