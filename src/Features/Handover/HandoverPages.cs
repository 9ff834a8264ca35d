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

    // Whom it is no longer offered to learns no more of it; nor does who gave it away.
    private async Task<string?> Name(Caller by, HandoverView view, CancellationToken cancel)
    {
        var mayKnow = view.Status switch
        {
            "offered" or "running" => true,
            "done" or "incomplete" => view.To == by.Account || view.Keeps is not null,
            _ => view.From == by.Account,
        };
        if (!mayKnow)
            return null;
        return view.Entry.AsFile() is { } file ? (await files.Find(file, cancel))?.Name
            : await folders.NameOf(view.From, view.Entry.AsFolder()!.Value, cancel)
              ?? await folders.NameOf(view.To, view.Entry.AsFolder()!.Value, cancel);
    }
}
