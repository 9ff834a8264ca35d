using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests.Retention;

/// <summary>The same rules where objects are in a bucket.</summary>
public sealed class SweepInABucketTests(PostgresFixture postgres, S3Fixture s3) : SweepTests(postgres)
{
    private protected override async Task<S3Settings?> NewBucket() => await s3.Place();
}
