using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Retention;

/// <summary>Keeps files and versions as long as their folders' rules say, and no longer.</summary>
public static class RetentionSlice
{
    public static Slice Define() => new Slice("retention")
        .Serves(RetentionEndpoint.Map)
        .Answers<SetRetention, FolderRetention, RetentionHandler, SetRetentionShape>()
        .Answers<ReadRetention, FolderRetention, RetentionHandler>()
        .Answers<RemoveRetention, Done, RetentionHandler>()
        .Stores<RetentionEvent.Ruled>("retention.ruled.v1")
        .Stores<RetentionEvent.Unruled>("retention.unruled.v1")
        .Stores<RetentionEvent.Swept>("retention.swept.v1")
        .Shows(RetentionProjection.Define())
        .Due<RetentionView>(RetentionProjection.Due, view => new SweepRetention(view.Owner))
        .Does<SweepRetention, SweepHandler>("delete")
        .Offers<IRetention, RetentionRegister>()
        .Needs(services => services
            .AddSingleton(all => RetentionOptions.From(all.GetRequiredService<IConfiguration>())));
}
