using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.DataProtection;
using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>Pictures of any size for whoever may read, and for whoever has an address that was made for one.</summary>
internal sealed class RenditionHandler(
    Renditions renditions, IAccess access, IFiles files, IScans scans, IDataProtectionProvider keys, TimeProvider clock) :
    IRequestHandler<OpenRendition, Answer<RenditionContent>>,
    IRequestHandler<MakeRenditionLink, Answer<RenditionLink>>,
    IRequestHandler<OpenRenditionLink, Answer<RenditionContent>>
{
    // What an address is for stands in it, encrypted and signed with the keys that nodes share. Nothing of it is stored.
    private readonly IDataProtector seal = keys.CreateProtector("rendition", "address");

    public async Task<Answer<RenditionContent>> Handle(OpenRendition ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Read, cancellationToken);
        if (asked is not Answer<Vocabulary.FileAccess>.Yes(var may, _))
            return asked.Refusal!;
        if (may.IsTrashed || may.IsDeleted || await files.Find(ask.File, cancellationToken) is not { } file)
            return No.NotReady;
        if ((await scans.Of(file.Id, file.Version, cancellationToken)).ToReader(isOwner: ask.By.Account == may.Owner) is { } closed)
            return closed;
        return Renditions.Read(ask.Wish) switch
        {
            Answer<ProcessorOptions>.Yes(var options, _) => await renditions.Open(file, options, cancellationToken),
            var wrong => wrong.Refusal!,
        };
    }

    public async Task<Answer<RenditionLink>> Handle(MakeRenditionLink ask, CancellationToken cancellationToken)
    {
        var asked = await access.Ask(ask.By, ask.File, FileAction.Read, cancellationToken);
        if (asked is not Answer<Vocabulary.FileAccess>.Yes(var may, _))
            return asked.Refusal!;
        if (may.IsTrashed || may.IsDeleted || await files.Find(ask.File, cancellationToken) is not { Sha256: not null } file)
            return No.NotReady;
        if (!ProcessorRegistry.Find("render")!.Takes(file.ContentType))
            return No.NotForThisType;
        if (Renditions.Read(ask.Wish).Refusal is { } wrong)
            return wrong;
        var until = clock.GetUtcNow().AddSeconds(ask.Seconds);
        var ticket = new RenditionTicket(ask.File.Value, ask.By.Account.Value, ask.Wish, until);
        return new RenditionLink($"/api/render/{Base64Url.EncodeToString(seal.Protect(JsonSerializer.SerializeToUtf8Bytes(ticket)))}", until);
    }

    // Whoever made the address must still be able to read: what is taken from them is taken from all whom they gave it to.
    public async Task<Answer<RenditionContent>> Handle(OpenRenditionLink ask, CancellationToken cancellationToken)
    {
        if (Open(ask.Token) is not { } ticket || ticket.Until <= clock.GetUtcNow())
            return No.NoSuchRendition;
        var maker = new Caller(new AccountId(ticket.Maker), default, IsAdministrator: false);
        return await access.Ask(maker, new FileId(ticket.File), FileAction.Read, cancellationToken)
                is Answer<Vocabulary.FileAccess>.Yes({ IsTrashed: false, IsDeleted: false }, _)
            && await files.Find(new FileId(ticket.File), cancellationToken) is { } file
            && (await scans.Of(file.Id, file.Version, cancellationToken)).ToReader(isOwner: false) is null
            && Renditions.Read(ticket.Wish) is Answer<ProcessorOptions>.Yes(var options, _)
                ? await renditions.Open(file, options, cancellationToken)
                : No.NoSuchRendition;
    }

    private RenditionTicket? Open(string token)
    {
        try
        {
            return JsonSerializer.Deserialize<RenditionTicket>(seal.Unprotect(Base64Url.DecodeFromChars(token)));
        }
        catch (Exception why) when (why is FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }

    private sealed record RenditionTicket(Guid File, Guid Maker, RenditionWish Wish, DateTimeOffset Until);
}
