using EventFiles.Infrastructure.ObjectStorage.S3;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>Adds the object store.</summary>
public static class ObjectStorageServices
{
    /// <summary>Keeps objects as files below <paramref name="directory"/>, which is created when needed.</summary>
    /// <param name="isGuest">A server is running on the directory, and this is another process beside it.</param>
    /// <param name="takesParts">Clients may upload in parts, at addresses that nodes seal. Needs the keys for that, of the security.</param>
    public static IServiceCollection AddDirectoryObjects(
        this IServiceCollection services, string directory, bool isGuest = false, bool takesParts = false)
    {
        services.AddSingleton<IObjects>(_ => new DirectoryObjects(directory, isGuest));
        return takesParts ? services.AddSingleton<IDirectWrites, DirectoryDirectWrites>() : services;
    }

    /// <summary>
    /// Keeps objects in a bucket of an S3 server, and their places in the event store's database. Needs the event store and
    /// logging; at the start it looks whether the bucket can be used, and makes it when it may.
    /// </summary>
    public static IServiceCollection AddS3Objects(this IServiceCollection services, S3Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.TryAddSingleton(TimeProvider.System);
        services
            .AddSingleton(settings)
            .AddSingleton<S3Calls>()
            .AddSingleton(new S3Names(settings.Prefix))
            .AddSingleton<ObjectRows>()
            .AddSingleton<GrowthRows>()
            .AddSingleton<S3Bucket>()
            .AddSingleton<S3Removal>()
            .AddSingleton<S3Listing>()
            .AddSingleton<S3Joining>()
            .AddSingleton<S3Growing>()
            .AddSingleton<S3Signer>()
            .AddSingleton<DirectRows>()
            .AddSingleton<IObjects, S3Objects>()
            .AddSingleton<IDependency, S3Reach>()
            .AddSingleton<S3Sweep>()
            .AddHostedService(provider => provider.GetRequiredService<S3Sweep>());
        if (settings.PresignedReads)
            services.AddSingleton<IPresignedReads, S3Presigner>();
        if (settings.DirectUploads)
            services.AddSingleton<IDirectWrites, S3DirectWrites>();
        return services;
    }
}
