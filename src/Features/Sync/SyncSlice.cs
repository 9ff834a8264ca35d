using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Sync;

/// <summary>Tells people what changes while they look. It adds nothing to the log and keeps no view.</summary>
public static class SyncSlice
{
    public static Slice Define() => new Slice("sync")
        .Serves(SyncEndpoint.Map)
        .Announces(SyncNews.Table)
        .Answers<FollowChanges, ChangeStream, SyncHandler>()
        .Needs(all => all.AddSingleton(services => SyncOptions.From(services.GetRequiredService<IConfiguration>())).AddSingleton<OpenStreams>());
}
