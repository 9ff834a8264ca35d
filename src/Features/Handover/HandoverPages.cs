namespace EventFiles.Features.Handover;

/// <summary>Transfers as their two sides see them, with the names of today.</summary>
internal sealed class HandoverPages(IAccounts accounts, IFiles files, IFolders folders)
{
    public async Task<HandoverReply> Show(Caller by, HandoverView view, CancellationToken cancel)
    {
        var isKnown = view.Email.Length == 0 || view.Into is not null || view.To == by.Account;
        return new HandoverReply(
            view.Id, view.Status, view.Entry.AsFile(), view.Entry.AsFolder(), await Name(by, view, cancel),
            HandoverParty.Of(view.From, await accounts.Find(view.From, cancel)),
            isKnown ? HandoverParty.Of(view.To, await accounts.Find(view.To, cancel)) : new HandoverParty(null, view.Email, null),
            view.Keeps, view.CreatedAt, view.Status is "offered" ? view.Until : null, view.Files, view.FilesMoved, view.Bytes,
            view.BytesMoved, [.. view.Failures.Select(failure => new HandoverFailureView(failure.Entry, failure.Code))]);
    }

    // What it is called now: its owner knows, and whom they offer it to. A later owner may call it otherwise.
    private async Task<string?> Name(Caller by, HandoverView view, CancellationToken cancel)
    {
        AccountId[] owners = view.Status switch
        {
            "offered" => [view.From],
            "running" => [view.From, view.To],
            _ => [by.Account],
        };
        if (view.Entry.AsFile() is { } file)
            return await files.Find(file, cancel) is { } shown && owners.Contains(shown.Owner) ? shown.Name : null;
        foreach (var owner in owners)
        {
            if (await folders.NameOf(owner, view.Entry.AsFolder()!.Value, cancel) is { } name)
                return name;
        }

        return null;
    }
}
