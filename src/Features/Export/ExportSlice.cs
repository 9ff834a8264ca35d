using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Export;

/// <summary>Gives people all that is theirs, as one archive that they can verify and take elsewhere.</summary>
public static class ExportSlice
{
    /// <summary>The queue on which the slice's work travels.</summary>
    public const string Queue = "export";

    public static Slice Define() => new Slice("export")
        .Serves(ExportEndpoint.Map)
        .Answers<RequestExport, ExportReply, ExportHandler>()
        .Answers<ReadLastExport, ExportReply, ExportHandler>()
        .Answers<ReadExport, ExportReply, ExportHandler>()
        .Answers<OpenExport, OpenedExport, ExportHandler>()
        .Answers<DeleteExport, Done, ExportHandler>()
        .Stores<ExportEvent.Requested>("export.requested.v1")
        .Stores<ExportEvent.Progressed>("export.progressed.v1")
        .Stores<ExportEvent.Completed>("export.completed.v1")
        .Stores<ExportEvent.Ended>("export.ended.v1")
        .Shows(ExportProjection.Define())
        .Hears<ExportEvent.Requested>((requested, happened) => new MakeExport(requested.Export, happened.Stream.Tenant))
        .Hears<ExportEvent.Ended>((ended, happened) => new ClearExport(ended.Export, happened.Stream.Tenant))
        .Due<ExportView>(ExportProjection.Due, view => new LapseExport(view.Id, view.Owner))
        .Does<MakeExport, ExportMakingHandler>(Queue)
        .Does<LapseExport, ExportMakingHandler>(Queue)
        .Does<ClearExport, ExportMakingHandler>(Queue)
        .Offers<IExportsOfOwner, ExportsOfOwner>()
        .Needs(services => services
            .AddSingleton(all => ExportOptions.From(all.GetRequiredService<IConfiguration>()))
            .AddSingleton<ExportContents>().AddSingleton<ExportDocuments>().AddSingleton<ExportLines>().AddSingleton<ExportProfile>());
}
