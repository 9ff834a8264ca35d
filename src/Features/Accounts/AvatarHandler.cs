using MediatR;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>Everything that makes pictures of people change or shows them.</summary>
internal sealed class AvatarHandler(
    IStreams streams, SessionRecognition recognition, IObjects objects, IRenderer renderer, ITries tries, Acquaintances acquaintances,
    TimeProvider clock) :
    IRequestHandler<ChangeMyAvatar, Answer<Me>>,
    IRequestHandler<RemoveMyAvatar, Answer<Done>>,
    IRequestHandler<OpenAvatar, Answer<AvatarContent>>,
    IRequestHandler<ClearAvatar, Answer<Done>>
{
    /// <summary>How much is taken in.</summary>
    public const int MaxBytes = 5 * 1024 * 1024;

    /// <summary>Pixels a side, at most.</summary>
    public const int Side = 256;

    /// <summary>How often somebody may send one in an hour: each is work for a child that others wait for.</summary>
    public const int MostInAnHour = 30;

    // Stored first, under a name that nobody has yet: what no event tells of after a crash is found by the storage check.
    public async Task<Answer<Me>> Handle(ChangeMyAvatar ask, CancellationToken cancellationToken)
    {
        var who = ask.By.Account;
        if (await recognition.Account(who, cancellationToken) is not { } account)
            return No.NoSuchAccount;
        if (await tries.Take("avatars", [new TryLimit($"{who}", MostInAnHour, TimeSpan.FromHours(1))], cancellationToken) is { } wait)
            return No.TooManyAvatars with { RetryAfter = wait };
        var drawn = await Draw(ask.Picture, cancellationToken);
        if (drawn is not Answer<Stream>.Yes(var picture, _))
            return drawn.Refusal!;
        await using (picture)
        {
            var avatar = NewId.Of<AvatarId>(clock);
            var key = ObjectKey.Avatar(who, avatar);
            var stored = await objects.OwnedBy(who).Put(key, picture, cancellationToken);
            var stream = AccountsDecider.StreamOf(who);
            var answer = await streams.Transact<AvatarId?>(async transaction =>
                await transaction.Decide(
                    stream, AccountsDecider.Decider, new AccountsCommand.ChangeAvatar(avatar, stored.SizeBytes, stored.Sha256)) is { } no
                    ? no
                    : (await transaction.Load(stream, AccountsDecider.Decider)).Avatar, cancellationToken);
            // Refused, or the same picture as before: nothing tells of this one.
            if (answer is not Answer<AvatarId?>.Yes({ } now, _) || now != avatar)
                await objects.Delete(key, CancellationToken.None);
            return answer.Map(shown => account.ToMe() with { Avatar = shown });
        }
    }

    public Task<Answer<Done>> Handle(RemoveMyAvatar ask, CancellationToken cancellationToken) => streams.Transact<Done>(
        async transaction => await transaction.Decide(
            AccountsDecider.StreamOf(ask.By.Account), AccountsDecider.Decider, new AccountsCommand.RemoveAvatar()) is { } no
            ? no
            : default(Done), cancellationToken);

    public async Task<Answer<AvatarContent>> Handle(OpenAvatar ask, CancellationToken cancellationToken) =>
        (ask.By.Account == ask.Account || await acquaintances.Know(ask.By.Account, ask.Account, cancellationToken))
        && await recognition.Account(ask.Account, cancellationToken) is { Avatar: { } avatar } account
        && await objects.Open(ObjectKey.Avatar(ask.Account, avatar), cancellationToken) is { } content
            ? new AvatarContent(avatar, content, account.AvatarAt)
            : No.NoAvatar;

    public async Task<Answer<Done>> Handle(ClearAvatar work, CancellationToken cancellationToken)
    {
        await objects.Delete(ObjectKey.Avatar(work.Owner, work.Avatar), cancellationToken);
        return new Done();
    }

    private async Task<Answer<Stream>> Draw(Stream picture, CancellationToken cancel)
    {
        using var original = new MemoryStream();
        var part = new byte[64 * 1024];
        for (int read; (read = await picture.ReadAsync(part, cancel)) > 0;)
        {
            if (original.Length + read > MaxBytes)
                return No.AvatarTooLarge;
            await original.WriteAsync(part.AsMemory(0, read), cancel);
        }

        if (!IsTaken(original.GetBuffer().AsSpan(0, (int)original.Length)))
            return No.AvatarType;
        var drawn = await Draw(original, Side, cancel);
        // A picture is never enlarged: of one that is smaller the shorter side decides.
        if (drawn is Rendering.Made({ } oblong, _, var width, var height) && width != height)
        {
            await oblong.DisposeAsync();
            drawn = await Draw(original, Math.Min(width, height), cancel);
        }

        return drawn switch
        {
            Rendering.Made made => new Answer<Stream>.Yes(made.Content, 0),
            Rendering.Failed { Code: "too-many-pixels" } => No.AvatarTooManyPixels,
            _ => No.AvatarUnreadable,
        };
    }

    private Task<Rendering> Draw(MemoryStream original, int side, CancellationToken cancel)
    {
        original.Position = 0;
        return renderer.Render(original, new RenderOrder(RenderSource.Picture, side, side, RenderFormat.Webp) { Covers = true }, cancel);
    }

    // By the first bytes, as their specifications have them: PNG (8 bytes), JPEG (start of image and a marker), WebP (RIFF).
    private static bool IsTaken(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8));
}

/// <summary>Pictures of people, as other slices ask for them.</summary>
internal sealed class Avatars(IStreams streams, IObjects objects) : IAvatars
{
    public async Task<Stream?> Open(AccountId account, CancellationToken cancel) =>
        (await streams.Load(AccountsDecider.StreamOf(account), AccountsDecider.Decider, cancel)).Avatar is { } avatar
            ? await objects.Open(ObjectKey.Avatar(account, avatar), cancel)
            : null;

    public async Task ClearAll(AccountId account, CancellationToken cancel)
    {
        foreach (var stored in await objects.List(ObjectKey.AvatarsOf(account), cancel).ToListAsync(cancel))
            await objects.Delete(stored.Key, cancel);
    }
}
