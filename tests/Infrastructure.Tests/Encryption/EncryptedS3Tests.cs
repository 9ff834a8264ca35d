using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Tests.ObjectStorage;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>The contract of object stores, with encryption before a real S3 server.</summary>
public sealed class EncryptedS3Tests(PostgresFixture postgres, S3Fixture s3) : ObjectsContract, IAsyncLifetime
{
    private S3Settings place = null!;
    private string database = null!;
    private EncryptedNode node = null!;

    protected override IObjects Objects => node.Objects;

    public async ValueTask InitializeAsync()
    {
        place = await s3.Place();
        database = await s3.RentDatabase(postgres);
        node = new EncryptedNode(database, null, place);
    }

    protected override void Restart() => node = new EncryptedNode(database, null, place);

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        s3.Return(database);
    }
}
