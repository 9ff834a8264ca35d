using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Scan;

/// <summary>
/// Has a virus scanner look at every version. What is infected is opened by nobody; where the policy says so, nobody but the
/// owner opens what was not found clean.
/// </summary>
public static class ScanSlice
{
    public static Slice Define() => new Slice("scan")
        .Serves(ScanEndpoint.Map)
        .Answers<ReadScanner, ScannerReply, QuarantineHandler>()
        .Answers<ListScans, Page<ScanReply>, QuarantineHandler, ListScansShape>()
        .Answers<ReleaseVersion, ScanReply, QuarantineHandler, ReleaseVersionShape>()
        .Answers<OrderRescan, Done, QuarantineHandler>()
        .Answers<ScanAgain, Done, RescanHandler>()
        .Stores<ScanEvent.Passed>("scan.passed.v1")
        .Stores<ScanEvent.Found>("scan.found.v1")
        .Stores<ScanEvent.NotScannable>("scan.not-scannable.v1")
        .Stores<ScanEvent.Overdue>("scan.overdue.v1")
        .Stores<ScanEvent.Released>("scan.released.v1")
        .Stores<RescanEvent.SignaturesSeen>("scan.signatures-seen.v1")
        .Stores<RescanEvent.Ordered>("scan.rescan-ordered.v1")
        .Shows(ScanProjection.Define())
        .Shows(RescanProjection.Define())
        .Hears<UploadEvent.Completed>((done, happened) => new ScanVersion(happened.Stream.Tenant, done.File, done.Version))
        .Hears<UploadEvent.Reinstated>((again, happened) => new ScanVersion(happened.Stream.Tenant, again.File, again.Version))
        .Does<ScanVersion, ScanHandler>("scan")
        .Repeats(services => services.GetRequiredService<ScanOptions>().Every, _ => new ScanAgain())
        .Archives<DeleteEvent.Purged>(
            (purged, happened) => ScanDecider.StreamOf(happened.Stream.Tenant, purged.File).Name,
            ScanDecider.Decider.Until(_ => true))
        .TellsOf(file => ScanDecider.StreamOf(default, file).Name)
        .Offers<IScans, ScanRegister>()
        .Needs(services =>
        {
            // Without an adapter nothing is scanned.
            services.TryAddSingleton(new ScanTerms(ScanPolicy.Off));
            services.TryAddSingleton<IScanner, NoScanner>();
            services.AddSingleton(all => ScanOptions.From(all.GetRequiredService<IConfiguration>()))
                .AddSingleton<RescanProgress>()
                .AddTransient<ScanHandler>();
        });
}

/// <summary>There is no scanner.</summary>
internal sealed class NoScanner : IScanner
{
    private static readonly ScannerAwayException None = new("No virus scanner is configured.");

    public Task<string> Signatures(CancellationToken cancel) => Task.FromException<string>(None);

    public Task<ScanOutcome> Scan(Stream content, CancellationToken cancel) => Task.FromException<ScanOutcome>(None);
}
