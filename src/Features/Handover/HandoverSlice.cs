using Microsoft.Extensions.DependencyInjection;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Handover;

/// <summary>Transfers the ownership of files and folders: offered, accepted, and handed over one by one.</summary>
public static class HandoverSlice
{
    /// <summary>The queue on which the slice's work travels.</summary>
    public const string Queue = "handover";

    public static Slice Define() => new Slice("handover")
        .Serves(HandoverEndpoint.Map)
        .Answers<OfferHandover, HandoverReply, HandoverHandler, OfferHandoverShape>()
        .Answers<ReadHandover, HandoverReply, HandoverHandler>()
        .Answers<ListHandovers, Page<HandoverReply>, HandoverHandler, ListHandoversShape>()
        .Answers<AcceptHandover, HandoverReply, AcceptanceHandler>()
        .Answers<DeclineHandover, Done, HandoverHandler>()
        .Answers<WithdrawHandover, Done, HandoverHandler>()
        .Stores<HandoverEvent.Offered>("handover.offered.v1")
        .Stores<HandoverEvent.Accepted>("handover.accepted.v1")
        .Stores<HandoverEvent.PageMoved>("handover.page-moved.v1")
        .Stores<HandoverEvent.Ended>("handover.ended.v1")
        .Shows(HandoverProjection.Define())
        .Hears<HandoverEvent.Accepted>((accepted, happened) => Continue(accepted.Handover, happened))
        .Hears<HandoverEvent.PageMoved>((page, happened) => Continue(page.Handover, happened))
        .Hears<UploadEvent.HandedOver>((handed, _) => new SettleHandover(handed.File, handed.From, handed.To))
        .Does<ContinueHandover, HandoverPageHandler>(Queue)
        .Does<ExpireHandover, HandoverPageHandler>(Queue)
        .Does<SettleHandover, SettlingHandler>(Queue)
        .Due<HandoverView>(HandoverProjection.Due, late => late.IsRunning
            ? new ContinueHandover(late.Id, late.Entry.Id, late.From)
            : new ExpireHandover(late.Id, late.Entry.Id, late.From))
        .Offers<IHandoversOfAccount, HandoversOfAccount>()
        .Needs(all => all.AddSingleton<HandoverPages>().AddSingleton<Hindrances>().AddSingleton<HandedItems>());

    private static ContinueHandover Continue(HandoverId handover, RecordedEvent happened) => new(
        handover, Guid.Parse(happened.Stream.Name["handover-".Length..]), happened.Stream.Tenant);
}
