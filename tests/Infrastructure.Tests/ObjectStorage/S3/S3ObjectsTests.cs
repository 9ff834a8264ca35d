using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>The contract on a real S3 server.</summary>
public sealed class S3ObjectsTests(PostgresFixture postgres, S3Fixture s3) : ObjectsContract, IAsyncLifetime
{
    private S3Settings place = null!;
    private string database = null!;
    private S3Node node = null!;

    protected override IObjects Objects => node.Objects;

    public async ValueTask InitializeAsync()
    {
        place = await s3.Place();
        database = await s3.RentDatabase(postgres);
        node = new S3Node(database, place);
    }

    protected override void Restart() => node = new S3Node(database, place);

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        s3.Return(database);
    }
}
