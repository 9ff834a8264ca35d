using EventFiles.Infrastructure.ObjectStorage;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>Comparing the log with a bucket.</summary>
public sealed class S3StorageCheckTests(PostgresFixture postgres, S3Fixture s3) : StorageCheckContract(postgres)
{
    protected override async Task AddObjects(IServiceCollection services) => services.AddS3Objects(await s3.Place());
}
