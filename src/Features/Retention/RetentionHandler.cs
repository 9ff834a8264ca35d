using MediatR;

namespace EventFiles.Features.Retention;

/// <summary>What owners say of how long things stay.</summary>
internal sealed class RetentionHandler(
    IStreams streams, IFolders folders, RetentionOptions options, TimeProvider clock) :
    IRequestHandler<SetRetention, Answer<FolderRetention>>,
    IRequestHandler<ReadRetention, Answer<FolderRetention>>,
    IRequestHandler<RemoveRetention, Answer<Done>>
{
    public async Task<Answer<FolderRetention>> Handle(SetRetention ask, CancellationToken cancellationToken)
    {
        var found = await folders.Find(ask.By, ask.Folder, cancellationToken);
        if (found.Refusal is { } no)
            return no;
        var set = new RetentionCommand.SetRule(ask.Folder, ask.Rule, clock.GetUtcNow() + options.Every);
        return await streams.Transact<FolderRetention>(async transaction =>
            !await folders.IsThere(transaction, ask.By.Account, ask.Folder) ? FolderRejection.NoSuchFolder
            : await transaction.Decide(
                RetentionDecider.StreamOf(ask.By.Account), RetentionDecider.Decider, set) is { } refused ? refused
            : await Read(transaction, ask.By.Account, ask.Folder), cancellationToken);
    }

    public async Task<Answer<FolderRetention>> Handle(ReadRetention ask, CancellationToken cancellationToken) =>
        (await folders.Find(ask.By, ask.Folder, cancellationToken)).Refusal is { } no
            ? no
            : await streams.Transact<FolderRetention>(
                async transaction => await Read(transaction, ask.By.Account, ask.Folder), cancellationToken);

    public async Task<Answer<Done>> Handle(RemoveRetention ask, CancellationToken cancellationToken) =>
        (await folders.Find(ask.By, ask.Folder, cancellationToken)).Refusal is { } no
            ? no
            : await streams.Transact<Done>(async transaction =>
                await transaction.Decide(
                    RetentionDecider.StreamOf(ask.By.Account), RetentionDecider.Decider,
                    new RetentionCommand.RemoveRule(ask.Folder)) is { } refused ? refused : new Done(), cancellationToken);

    private async Task<FolderRetention> Read(ITransaction transaction, AccountId owner, FolderId folder)
    {
        var state = await transaction.Load(RetentionDecider.StreamOf(owner), RetentionDecider.Decider);
        var above = await folders.Above(transaction, owner, folder);
        return new FolderRetention(
            folder, state.Rules.ByFolder.GetValueOrDefault(folder), state.Rules.For(above),
            state.Rules.ByFolder.IsEmpty ? null : state.NextSweep);
    }
}

/// <summary>Rules, as the slices that delete something ask for them.</summary>
internal sealed class RetentionRegister(IFiles files, IFolders folders) : IRetention
{
    public async Task<bool> KeepsFile(ITransaction transaction, AccountId owner, FileId file)
    {
        var state = await transaction.Load(RetentionDecider.StreamOf(owner), RetentionDecider.Decider);
        if (!state.Rules.ByFolder.Values.Any(rule => rule.KeepAtLeastDays is not null))
            return false;
        var rule = state.Rules.For(
            await folders.Above(transaction, owner, await files.FolderOf(transaction, owner, file)));
        return rule.KeepAtLeastDays is not null
            && (await files.AgeOf(transaction, owner, file) is not { } age || rule.KeepsUntil(age) > transaction.Now);
    }

    public async Task<bool> KeepsVersion(ITransaction transaction, AccountId owner, FileId file, int version)
    {
        var state = await transaction.Load(RetentionDecider.StreamOf(owner), RetentionDecider.Decider);
        if (!state.Rules.ByFolder.Values.Any(rule => rule.KeepAtLeastDays is not null))
            return false;
        var rule = state.Rules.For(
            await folders.Above(transaction, owner, await files.FolderOf(transaction, owner, file)));
        return rule.KeepAtLeastDays is { } days
            && (await files.AgeOf(transaction, owner, file))?.Versions.FirstOrDefault(one => one.Number == version) is { } age
            && age.CreatedAt.AddDays(days) > transaction.Now;
    }
}
